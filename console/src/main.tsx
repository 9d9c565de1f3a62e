import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Console } from "./shell/Console";
import "./style/base.css";
import "./style/parts.css";
import "./style/files.css";
import "./style/tables.css";
import "./style/phone.css";
import "./style/law.css";
import "./style/reports.css";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
}
