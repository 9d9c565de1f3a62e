import { QueryClientProvider } from "@tanstack/react-query";
import { App, ConfigProvider } from "antd";
import english from "antd/locale/en_US";
import chinese from "antd/locale/zh_CN";
import type { ReactNode } from "react";

import { cache } from "../api/signed_in";
import { Speaks } from "../words";
import { Door } from "./Door";
import { useLook } from "./look";
import { themed } from "./theme";

/** The whole console: its look, its data, and the door behind which everything stands. */
export function Console(): ReactNode {
  const look = useLook();
  return (
    <Speaks value={look.language}>
      <ConfigProvider
        locale={look.language === "zh" ? chinese : english}
        theme={themed(look)}
        button={{ autoInsertSpace: false }}
        form={{ requiredMark: false }}
      >
        <QueryClientProvider client={cache}>
          <App className="console">
            <Door look={look} />
          </App>
        </QueryClientProvider>
      </ConfigProvider>
    </Speaks>
  );
}
