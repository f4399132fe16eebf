import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Guarded } from "./components/Guarded";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/sources.css";
import "./styles/conversation.css";
import "./styles/viewer.css";
import "./styles/dialogs.css";
import "./styles/runs.css";
import "./styles/models.css";
import "./styles/accounts.css";
import "./styles/playground.css";
import "./styles/knowledge.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html holds no #root");
createRoot(root).render(
  <StrictMode>
    <Guarded>
      <App />
    </Guarded>
  </StrictMode>,
);
