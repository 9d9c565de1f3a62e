import { App, Button, Form, Input } from "antd";
import type { ReactNode } from "react";

import { daysAgo } from "../../api/clock";
import { dayReport } from "../../api/reports";
import { Card } from "../../parts/Card";
import { ProblemShown } from "../../parts/ProblemShown";
import { save } from "../../parts/save";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";

/** A day on paper. */
export default function Day(): ReactNode {
  const words = useWords();
  const { message } = App.useApp();
  const taking = useWrite([], dayReport, true);
  return (
    <Card className="narrow">
      <p>{words.reports.day.why}</p>
      <ProblemShown problem={taking.error} />
      <Form<{ day: string }>
        layout="vertical"
        initialValues={{ day: daysAgo(0) }}
        onFinish={({ day }) =>
          taking.mutate(day, {
            onSuccess: (handed) => {
              save(handed.file, handed.name);
              void message.success(words.reports.exported(handed.name));
            },
          })
        }
      >
        <Form.Item name="day" label={words.reports.day.day} rules={[{ required: true, message: words.signIn.required }]}>
          <Input type="date" min="2000-01-01" max="2199-12-31" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={taking.isPending}>
          {words.reports.day.download}
        </Button>
      </Form>
      <p className="quiet">{words.reports.exportWhy}</p>
    </Card>
  );
}
