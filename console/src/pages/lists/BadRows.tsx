import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";

import { badFile, badRows, type Import } from "../../api/imports";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { useLanguage, useWords } from "../../words";

/** Rows that cannot be used: where, why, and what to do. */
export function BadRows({ one }: { one: Import }): ReactNode {
  const words = useWords().imports;
  const language = useLanguage();
  const paging = usePaging();
  const page = useQuery(badRows(one.id, JSON.stringify([one.state, one.orders, one.rejected]), paging.after));
  return (
    <section>
      <div className="heading">
        <h2>{words.badTitle}</h2>
        <Button href={badFile(one.id, language)} download>
          {words.download}
        </Button>
      </div>
      <Table
        caption={words.badTitle}
        rows={page.data?.items}
        problem={page.error}
        empty=""
        keyOf={(row) => row.line}
        columns={[
          { title: words.line, shows: (row) => row.line, isFigure: true },
          { title: words.badColumn, shows: (row) => row.column ?? "—" },
          { title: words.reason, shows: (row) => (language === "zh" ? row.reason_zh : row.reason_en) },
          { title: words.remedy, shows: (row) => (language === "zh" ? row.remedy_zh : row.remedy_en) },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </section>
  );
}
