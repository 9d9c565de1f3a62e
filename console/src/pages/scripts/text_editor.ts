/** The text editor: CodeMirror with YAML, one history for what is typed and what is done on the graph. */
import { defaultKeymap, history, historyKeymap, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState, Transaction } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Finding } from "../../api/scripts";
import { changesBetween } from "./canvas/merge";

export interface Seen {
  text: string;
  canUndo: boolean;
  canRedo: boolean;
  /** The line the cursor stands in, from 0, when somebody put it there. */
  line: number | null;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--ant-color-link)" },
  { tag: tags.definition(tags.propertyName), color: "var(--ant-color-link)" },
  { tag: tags.comment, color: "var(--ant-color-text-secondary)", fontStyle: "italic" },
  { tag: [tags.string, tags.content], color: "var(--ant-color-text)" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--ant-color-text-secondary)" },
]);

const LOOK = EditorView.theme({
  "&": { height: "100%", fontSize: "14px", color: "var(--ant-color-text)", backgroundColor: "var(--ant-color-bg-container)" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace', lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--ant-color-text)" },
  ".cm-gutters": {
    color: "var(--ant-color-text-secondary)",
    backgroundColor: "var(--ant-color-bg-container)",
    borderRight: "1px solid var(--ant-color-border-secondary)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--ant-color-fill-quaternary)" },
  "&.cm-focused": { outline: "2px solid var(--ant-color-primary)", outlineOffset: "-2px" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--ant-color-primary-bg) !important" },
  ".cm-cursor": { borderLeftColor: "var(--ant-color-text)" },
  ".cm-tooltip": {
    color: "var(--ant-color-text)",
    backgroundColor: "var(--ant-color-bg-elevated)",
    borderColor: "var(--ant-color-border-secondary)",
    maxWidth: "420px",
  },
});

export interface Keys {
  save: () => void;
}

export function openEditor(parent: HTMLElement, text: string, label: string, isReadOnly: boolean, saw: (seen: Seen) => void, keys: Keys): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        drawSelection(),
        history(),
        indentOnInput(),
        bracketMatching(),
        yaml(),
        lintGutter(),
        syntaxHighlighting(COLOURS),
        LOOK,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
        readOnly.of(isReadOnly ? [EditorState.readOnly.of(true)] : []),
        keymap.of([{ key: "Mod-s", preventDefault: true, run: () => (keys.save(), true) }, ...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged && !update.selectionSet) return;
          const isByHand = update.transactions.some((one) => one.isUserEvent("select") || one.isUserEvent("input"));
          saw({ ...seen(update.view), line: isByHand ? lineAt(update.view) : null });
        }),
      ],
    }),
  });
}

const readOnly = new Compartment();

const lineAt = (view: EditorView): number => view.state.doc.lineAt(view.state.selection.main.head).number - 1;

export const seen = (view: EditorView): Seen => ({
  text: view.state.doc.toString(),
  canUndo: undoDepth(view.state) > 0,
  canRedo: redoDepth(view.state) > 0,
  line: null,
});

/** Makes the text another one by the fewest changes: the cursor, the scroll and the history stay. */
export function becomes(view: EditorView, text: string, at?: number): void {
  const changes = changesBetween(view.state.doc.toString(), text);
  if (changes.length === 0) return;
  view.dispatch({
    changes,
    annotations: [Transaction.userEvent.of("graph")],
    ...(at !== undefined && { effects: EditorView.scrollIntoView(lineStart(view, at), { y: "center" }) }),
  });
}

/** The start of a line, from 0; the last one when there are fewer. */
const lineStart = (view: EditorView, line: number): number =>
  view.state.doc.line(Math.max(1, Math.min(line + 1, view.state.doc.lines))).from;

export function goTo(view: EditorView, line: number, column = 0): void {
  const from = lineStart(view, line);
  const at = Math.min(from + column, view.state.doc.lineAt(from).to);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
}

export function scrollTo(view: EditorView, line: number): void {
  view.dispatch({ effects: EditorView.scrollIntoView(lineStart(view, line), { y: "start", yMargin: 24 }) });
}

export const undoIn = (view: EditorView): boolean => undo(view);
export const redoIn = (view: EditorView): boolean => redo(view);

export function showFindings(view: EditorView, findings: readonly Finding[]): void {
  const diagnostics = findings.map((one): Diagnostic => {
    const line = view.state.doc.line(Math.max(1, Math.min(one.line ?? 1, view.state.doc.lines)));
    const from = Math.min(line.from + Math.max(0, (one.column ?? 1) - 1), line.to);
    return { from, to: line.to, severity: one.level === "error" ? "error" : "warning", message: one.words };
  });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}
