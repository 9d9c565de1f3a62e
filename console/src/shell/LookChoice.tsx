import { Button, Select } from "antd";
import type { ReactNode } from "react";

import { useWords } from "../words";
import type { Look, Theme } from "./look";

/** Language and appearance. */
export function LookChoice({ look }: { look: Look }): ReactNode {
  const words = useWords();
  const options = (["system", "light", "dark"] as const).map((value) => ({ value, label: words.look[value] }));
  const other = look.language === "zh" ? "en" : "zh";
  return (
    <span className="look">
      <Button type="text" lang={other} onClick={() => look.setLanguage(other)}>
        {words.look.language}
      </Button>
      <Select<Theme>
        aria-label={words.look.label}
        variant="borderless"
        popupMatchSelectWidth={false}
        value={look.theme}
        options={options}
        onChange={look.setTheme}
      />
    </span>
  );
}
