// Small pieces of page.

/** An element with attributes, and children that are elements or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** What the simulator complains about: [{file, line, column, text, warning}], text alone where it names no place. */
export function problemsOf(errors) {
  return errors
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const placed = line.match(/^(.*?):(\d+):(\d+): (error|warning): (.*)$/);
      if (!placed) return { text: line.replace(/^nines: error: /, ""), line: 0 };
      return { file: placed[1], line: +placed[2], column: +placed[3], warning: placed[4] === "warning", text: placed[5] };
    });
}

export function problemList(problems) {
  return make(
    "ul",
    { class: "problems" },
    ...problems.map(({ file, line, column, text, warning }) =>
      make("li", { class: warning ? "warning" : "error" }, file ? `${file}, line ${line}, column ${column}: ${text}` : text),
    ),
  );
}

/** 1.234 for people: as many digits as mean something. */
export function number(value) {
  return Number(value.toPrecision(4)).toString();
}
