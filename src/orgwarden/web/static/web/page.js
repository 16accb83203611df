/* What every page does in the browser: ages that move, menus, keys, the drawer. Nothing here is
   needed to read a page. */
(() => {
  "use strict";
  const units = [["year", 31536e6], ["month", 2592e6], ["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3]];
  const absolute = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  });
  const short = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });

  const minute = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  /* The months have three letters everywhere; some browsers write "Sept". */
  const spell = (format, at) => format.format(at).replace("Sept", "Sep");

  const span = (ms) => {
    const [name, size] = units.find(([, u]) => ms >= u) || units[5];
    const n = Math.floor(ms / size);
    return `${n} ${name}${n === 1 ? "" : "s"}`;
  };
  const age = (ms) => {
    if (Math.abs(ms) < 5000) return "just now";
    return ms > 0 ? `${span(ms)} ago` : `in ${span(-ms)}`;
  };

  const times = (root) => {
    root.querySelectorAll("time[data-age], time[data-span], time[data-clock]").forEach((el) => {
      const at = new Date(el.dateTime);
      if (Number.isNaN(at.getTime())) return;
      const utc = `${el.dateTime.slice(0, 19).replace("T", " ")} UTC`;
      const passed = Date.now() - at.getTime();
      const moved = "span" in el.dataset ? span(Math.max(passed, 0)) : age(passed);
      el.title = `${spell(absolute, at)} (${"clock" in el.dataset ? moved : utc})`;
      const text = "clock" in el.dataset ? spell(el.dataset.clock === "minute" ? minute : short, at).replace(",", "") : moved;
      if (el.textContent !== text) el.textContent = text;
    });
  };

  /* A day's label that the fixed first column would cut is not shown at all. */
  const uncover = (box) => {
    const edge = box.querySelector(".strip-corner").getBoundingClientRect().right;
    box.querySelectorAll(".week-label").forEach((label) => label.classList.toggle("covered", label.getBoundingClientRect().left < edge - 1));
  };
  document.addEventListener("scroll", (event) => { if (event.target.matches && event.target.matches("[data-scroll-end]")) uncover(event.target); }, true);
  const ends = (root) => root.querySelectorAll("[data-scroll-end]").forEach((el) => { el.scrollLeft = el.scrollWidth; uncover(el); });

  /* Menus: one open at a time, closed by Escape and by a press elsewhere. */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const label = copy.querySelector("[data-copy-label]");
      const before = label.textContent;
      navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent).then(
        () => { label.textContent = "Copied"; },
        () => { label.textContent = "Copying is not allowed here"; },
      ).then(() => setTimeout(() => { label.textContent = before; }, 2000));
    }
    if (event.target.closest("[data-close]")) close(event);
  });

  /* What is unfolded stands in the address, so that the view can be sent as a link. */
  document.querySelectorAll("details[data-open-as]").forEach((el) => {
    el.addEventListener("toggle", () => {
      const address = new URL(window.location);
      if (el.open) address.searchParams.set("open", el.dataset.openAs);
      else address.searchParams.delete("open");
      window.history.replaceState(null, "", address);
    });
  });

  /* The worst last sync: unfolds its platform and puts the focus on its row. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-worst]");
    const row = link && document.getElementById(link.dataset.worst);
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const fold = row.closest("details");
    if (fold) fold.open = true;
    row.focus();
    row.scrollIntoView({ block: "center" });
  });

  /* The drawer. */
  const drawer = document.getElementById("drawer");
  let opener = null;
  const close = (event) => {
    if (drawer && drawer.open) { event.preventDefault(); drawer.close(); }
  };
  if (drawer) {
    drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
    drawer.addEventListener("close", () => { if (opener) opener.focus(); });
  }
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-drawer]")) opener = event.target;
  });

  /* A part that could not be had is said, and said no longer when the next one arrives. */
  const trouble = document.getElementById("trouble");
  const say = (text) => {
    if (!trouble) return;
    trouble.hidden = !text;
    trouble.querySelector("p").textContent = text;
  };
  document.body.addEventListener("htmx:sendError", () => say("Orgwarden does not answer. What is shown may be out of date."));
  document.body.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.status === 403 ? "Your account may not do this." : "This part met a fault of Orgwarden itself. Reload the page; the log has the details."));
  document.body.addEventListener("htmx:afterOnLoad", () => say(""));

  /* Parts that arrive: times in the reader's zone; nothing somebody has unfolded is folded. */
  const scrolled = new Map();
  const folds = new Map();
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    target.querySelectorAll("details[id]").forEach((fold) => folds.set(fold.id, fold.open));
    if (target.querySelector("details[open]:not([id])") || target.contains(document.activeElement)) event.detail.shouldSwap = false;
    const box = target.querySelector("[data-scroll-end]");
    if (box) scrolled.set(target.id, box.scrollLeft);
  });
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    const target = document.getElementById(event.detail.target.id) || event.detail.target;
    times(target);
    target.querySelectorAll("details[id]").forEach((fold) => { if (folds.has(fold.id)) fold.open = folds.get(fold.id); });
    const box = target.querySelector("[data-scroll-end]");
    if (box) { box.scrollLeft = scrolled.get(target.id) ?? box.scrollWidth; uncover(box); }
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    times(document);
    if (event.detail.target.id === "drawer-body" && drawer && !drawer.open) drawer.showModal();
    if (event.detail.target.id === "drawer-body") drawer.scrollTop = 0;
  });

  /* Keys: / to the filter, j and k through a table's rows, Enter opens. */
  const links = () => [...document.querySelectorAll("table[data-rows] [data-row-link]")].filter((l) => l.checkVisibility());
  document.querySelectorAll("[data-keys-for]").forEach((told) => {
    told.hidden = !document.querySelector(told.dataset.keysFor);
    if (!told.hidden) told.closest("[data-keys]").hidden = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details[data-menu][open]").forEach((m) => { m.open = false; m.querySelector("summary").focus(); });
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "/") {
      const field = document.querySelector("[data-focus-key]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
    if (event.key === "j" || event.key === "k") {
      const all = links();
      if (!all.length) return;
      const row = document.activeElement.closest("tr");
      const now = all.findIndex((l) => l === document.activeElement || (row && row.contains(l)));
      const next = now < 0 ? 0 : Math.min(Math.max(now + (event.key === "j" ? 1 : -1), 0), all.length - 1);
      all[next].focus();
      all[next].closest("tr").scrollIntoView({ block: "nearest" });
      event.preventDefault();
    }
  });

  /* A strip that is unfolded shows its newest day first; a print shows what is folded. */
  document.addEventListener("toggle", (event) => { if (event.target.open) ends(event.target); }, true);
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details.fold:not([open])")];
    opened.forEach((fold) => { fold.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((fold) => { fold.open = false; }));

  const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(new Date()).find((p) => p.type === "timeZoneName");
  document.querySelectorAll("[data-zone]").forEach((el) => { el.textContent = zone.value; });
  times(document);
  ends(document);
  setInterval(() => times(document), 15000);
})();
