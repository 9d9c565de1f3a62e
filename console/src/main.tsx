import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Console } from "./shell/Console";
import "./style.css";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
}
