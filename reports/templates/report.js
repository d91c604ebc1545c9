"use strict";
// Tables can be sorted and filtered, the graph shows the neighbours of a node. Without this script all is still there.
(() => {
  const key = (cell) => cell.dataset.sort ?? cell.textContent.trim();
  const number = (text) => (/^[-+−]?[\d.,]+/.test(text) ? parseFloat(text.replace("−", "-").replaceAll(",", "")) : NaN);
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...body.rows];
        rows.sort((a, b) => compare(key(a.cells[column]), key(b.cells[column])) * (up ? 1 : -1));
        body.append(...rows);
      });
    });
  };

  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows];
    const label = document.createElement("label");
    const field = document.createElement("input");
    const count = document.createElement("output");
    field.type = "search";
    label.className = "filter";
    label.append("Filter ", field, " ", count);
    table.parentElement.before(label);
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = wanted ? `${shown} of ${rows.length}` : "";
    });
  };

  for (const table of document.querySelectorAll("table.data")) {
    const rows = table.tBodies[0].rows.length;
    if (rows > 1) sortable(table);
    if (rows > 7) filterable(table);
  }

  for (const graph of document.querySelectorAll("figure.graph svg")) {
    const mark = (node) => {
      for (const edge of graph.querySelectorAll(".edges path")) {
        edge.classList.toggle("near", node !== null && [edge.dataset.start, edge.dataset.end].includes(node));
      }
    };
    for (const node of graph.querySelectorAll(".node")) {
      for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => mark(node.dataset.node));
      for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => mark(null));
    }
  }

  if (window.matchMedia("(max-width: 60rem)").matches) {
    for (const contents of document.querySelectorAll("nav details")) contents.open = false;
  }
})();
