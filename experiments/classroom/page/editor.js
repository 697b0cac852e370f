// An editor of JSON that knows a schema: it completes names and values, says what a name means when it is pointed at,
// and shows what the simulator complains about where it complains about it.
import { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, defaultHighlightStyle, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";

import { aboutAt, membersAt, valuesAt } from "./schema.js";

/** The name of a property node. */
function nameOf(state, property) {
  const name = property.getChild("PropertyName");
  if (!name) return null;
  try {
    return JSON.parse(state.sliceDoc(name.from, name.to));
  } catch {
    return null;
  }
}

/** Names and indices that lead from the root to what `node` stands in. */
function pathOf(state, node) {
  const path = [];
  for (let at = node; at.parent; at = at.parent) {
    if (at.name === "Property") {
      const name = nameOf(state, at);
      if (name !== null) path.unshift(name);
    } else if (at.parent.name === "Array") {
      let index = 0;
      for (let before = at.prevSibling; before; before = before.prevSibling)
        if (!/[[\],]/.test(before.name)) ++index;
      path.unshift(index);
    }
  }
  return path;
}

function completions(schema) {
  return (context) => {
    const { state, pos } = context;
    const node = syntaxTree(state).resolveInner(pos, -1);
    const word = context.matchBefore(/"?[\w.$-]*$/);
    if (!context.explicit && (!word || word.from === word.to)) return null;
    const from = word ? word.from : pos;
    // A closing quote that stands behind the cursor is replaced, too.
    const to = state.sliceDoc(pos, pos + 1) === '"' ? pos + 1 : pos;
    const holder = ["PropertyName", "String", "⚠", "Number", "True", "False", "Null"].includes(node.name) ? node.parent : node;
    const inName = node.name === "PropertyName" || holder.name === "Object";
    if (inName) {
      const object = holder.name === "Object" ? holder : holder.parent;
      const taken = new Set(object.getChildren("Property").map((property) => nameOf(state, property)));
      const follows = /^\s*:/.test(state.sliceDoc(to, to + 20));
      const options = membersAt(schema(), pathOf(state, object))
        .filter((member) => !taken.has(member.name) || node.name === "PropertyName")
        .map((member) => ({
          label: `"${member.name}"`,
          displayLabel: member.name,
          type: "property",
          info: member.about || undefined,
          apply: (view, _, start) => {
            const text = `"${member.name}"${follows ? "" : ": "}`;
            view.dispatch({ changes: { from: start, to, insert: text }, selection: { anchor: start + text.length } });
          },
        }));
      return { from, options, validFor: /^"?[\w.$-]*$/ };
    }
    if (holder.name !== "Property" && holder.name !== "Array") return null;
    const path = pathOf(state, holder.name === "Array" ? node : holder);
    const options = valuesAt(schema(), path).map((value) => ({
      label: value,
      type: "constant",
      apply: (view, _, start) =>
        view.dispatch({ changes: { from: start, to, insert: value }, selection: { anchor: start + value.length } }),
    }));
    return options.length > 0 ? { from, options, validFor: /^"?[\w.$-]*$/ } : null;
  };
}

function meaning(schema) {
  return hoverTooltip((view, pos) => {
    const node = syntaxTree(view.state).resolveInner(pos, 1);
    if (node.name !== "PropertyName") return null;
    const about = aboutAt(schema(), pathOf(view.state, node.parent));
    if (!about) return null;
    return {
      pos: node.from,
      end: node.to,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "meaning";
        dom.textContent = about;
        return { dom };
      },
    };
  });
}

/**
 * Makes an editor in `parent`. `schema()` gives the JSON Schema, `changed(text)` hears of each change.
 */
export class Editor {
  #view;

  constructor({ parent, label, schema, changed }) {
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
          highlightActiveLine(), search({ top: true }), lintGutter(), json(),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          autocompletion({ override: [completions(schema)], icons: false }), meaning(schema),
          // Tab leaves the editor: whoever has no mouse gets on.
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.lineWrapping,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  set text(text) {
    if (text !== this.text) this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  /** Problems of the simulator: [{line, column, text, warning}], both from 1. */
  show(problems) {
    const { state } = this.#view;
    const diagnostics = problems.map(({ line, column, text, warning }) => {
      const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
      const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
      const node = syntaxTree(state).resolveInner(from, 1);
      const to = node.from === from && node.to <= at.to ? node.to : at.to;
      return { from, to: Math.max(to, from), severity: warning ? "warning" : "error", message: text };
    });
    this.#view.dispatch(setDiagnostics(state, diagnostics));
  }
}
