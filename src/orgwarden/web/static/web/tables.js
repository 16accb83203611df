/* Tables that sort: press a heading; again turns it round. Numbers by value, times by time, words
   by letter. The order chosen stays when the table's rows arrive anew. */
(() => {
  "use strict";
  const chosen = new Map(); // table id → [column, downwards]
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  const value = (cell) => {
    if (!cell) return "";
    const time = cell.querySelector("time");
    if (time) return Date.parse(time.dateTime);
    const text = cell.textContent.trim();
    const plain = text.replace(/,/g, "");
    return cell.classList.contains("num") && plain !== "" && !Number.isNaN(Number(plain)) ? Number(plain) : text;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return words.compare(a, b);
  };

  const sort = (table, column, down) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row.cells[column]), row]);
    rows.sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
    body.append(...rows.map(([, row]) => row));
    [...table.tHead.rows[0].cells].forEach((th, i) => {
      if (i === column) th.setAttribute("aria-sort", down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    });
    chosen.set(table.id, [column, down]);
  };

  const arm = (root) => root.querySelectorAll("table[data-sortable]").forEach((table) => {
    if (table.dataset.armed || !table.tHead) return;
    table.dataset.armed = "yes";
    [...table.tHead.rows[0].cells].forEach((th, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const now = th.getAttribute("aria-sort");
        // Numbers are asked for largest first, words from A.
        sort(table, column, now ? now === "ascending" : th.classList.contains("num"));
      });
    });
    const before = chosen.get(table.id);
    if (before) sort(table, ...before);
  });

  arm(document);
  document.body.addEventListener("htmx:oobAfterSwap", () => arm(document));
  document.body.addEventListener("htmx:afterSwap", () => arm(document));
})();
