/* The pictures. Data stands in the page as JSON; colours come from the style sheet, so that light,
   dark and print agree. Drawn as SVG with text tooltips: nothing needs an inline style. */
(() => {
  "use strict";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = new Intl.NumberFormat("en");
  const quick = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const printing = window.matchMedia("print"); // paper has its own palette
  const hourly = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
  const daily = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
  const exact = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

  /* The months have three letters everywhere; some browsers write "Sept". */
  const spell = (format, ms) => format.format(new Date(+ms)).replace("Sept", "Sep");

  const look = (box) => ({
    width: box.clientWidth,
    text: css("--ow-quiet"), ink: css("--ow-ink"), line: css("--ow-line"), paper: css("--ow-card"),
    own: css("--ow-c1"), others: css("--ow-others"), failed: css("--ow-critical"),
    colours: [1, 2, 3, 4, 5, 6].map((i) => css(`--ow-c${i}`)),
    font: css("--tblr-font-sans-serif") || "sans-serif",
  });

  const tip = (c) => ({
    trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: 0.35 } },
    backgroundColor: c.paper, borderColor: c.line, padding: [8, 10], textStyle: { color: c.ink, fontSize: 12, fontFamily: c.font }, transitionDuration: 0,
  });

  const axis = (c, data, extra) => ({
    type: "category", data, axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
    axisLabel: { color: c.text, fontSize: 11, hideOverlap: true, interval: "auto", lineHeight: 14 }, ...extra,
  });
  const value = (c, extra) => ({
    type: "value", minInterval: 1, splitNumber: 3, splitLine: { lineStyle: { color: c.line, opacity: 0.6 } },
    axisLabel: { color: c.text, fontSize: 11, showMaxLabel: false, formatter: (v) => (v >= 1e6 ? `${v / 1e6} M` : v >= 1e4 ? `${v / 1e3} k` : number.format(v)) }, ...extra,
  });

  const activity = (data, c) => {
    const format = (ms) => (data.step >= 864e5 / 2 ? spell(daily, ms) : data.starts.length * data.step > 864e5 * 1.5 ? `${spell(daily, ms)} ${spell(hourly, ms)}` : spell(hourly, ms));
    const lane = data.failed.some((n) => n > 0);
    const widest = Math.max(3, (0.9 * (c.width - 54)) / data.starts.length); // neighbours stay apart
    return {
      animation: !quick && !printing.matches, animationDuration: 250, color: c.colours, textStyle: { fontFamily: c.font },
      legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, itemGap: 14, icon: "roundRect", type: "scroll", textStyle: { color: c.text, fontSize: 12 }, data: data.series.map((s) => s.name).concat(lane ? [{ name: "Failed", icon: "triangle" }] : []) },
      tooltip: { ...tip(c), formatter: (points) => {
        const i = points[0].dataIndex;
        const rows = data.series.filter((s) => s.events[i]).map((s) => `${s.name}  ${number.format(s.events[i])}`);
        if (data.failed[i]) rows.push(`Failed  ${number.format(data.failed[i])}`);
        return [spell(exact, data.starts[i]), ...(rows.length ? rows : ["no events"])].join("\n");
      } },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      grid: [{ left: 46, right: 8, top: 32, bottom: lane ? 46 : 26 }, { left: 46, right: 8, height: lane ? 14 : 0, bottom: 24 }],
      xAxis: [
        axis(c, data.starts, { axisLabel: lane ? { show: false } : { color: c.text, fontSize: 11, hideOverlap: true, formatter: format } }),
        axis(c, data.starts, { gridIndex: 1, show: lane, axisLine: { show: false }, axisLabel: { color: c.text, fontSize: 11, hideOverlap: true, formatter: format } }),
      ],
      yAxis: [value(c), { type: "value", gridIndex: 1, show: false, max: Math.max(1, ...data.failed) }],
      brush: { xAxisIndex: 0, brushType: "lineX", brushMode: "single", throttleType: "debounce", throttleDelay: 100, outOfBrush: { colorAlpha: 0.35 }, brushStyle: { color: c.own, opacity: 0.14, borderColor: c.own, borderWidth: 1 } },
      toolbox: { show: false },
      series: [
        ...data.series.map((s) => ({ name: s.name, type: "bar", stack: "all", data: s.events, barCategoryGap: "12%", large: false })),
        ...(lane ? [{ name: "Failed", type: "scatter", xAxisIndex: 1, yAxisIndex: 1, symbol: "triangle", itemStyle: { color: c.failed }, silent: true,
          data: data.failed.map((n, i) => (n ? { value: [i, 0.5 * Math.max(1, ...data.failed)], symbolSize: Math.min(5 + 7 * Math.sqrt(n / Math.max(...data.failed)), widest) } : null)).filter(Boolean) }] : []),
      ],
    };
  };

  const calls = (data, c) => {
    const most = Math.max(1, ...data.hours.map((_, i) => data.own[i] + (data.others[i] || 0)));
    const lines = data.lines.filter((l) => l.at <= most * 2.5);
    return {
      animation: false, textStyle: { fontFamily: c.font },
      legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, icon: "roundRect", textStyle: { color: c.text, fontSize: 12 } },
      tooltip: { ...tip(c), formatter: (points) => {
        const i = points[0].dataIndex;
        const others = data.others[i] === null ? "not measured" : number.format(data.others[i]);
        return `${spell(exact, data.hours[i])}\nOrgwarden  ${number.format(data.own[i])}\nOthers  ${others}`;
      } },
      grid: { left: 46, right: 8, top: 32, bottom: 38 },
      xAxis: axis(c, data.hours, { axisLabel: { color: c.text, fontSize: 11, hideOverlap: true, lineHeight: 14, formatter: (ms) => `${spell(hourly, ms)}\n${spell(daily, ms)}` } }),
      yAxis: value(c, lines.length ? { max: Math.ceil(Math.max(most, ...lines.map((l) => l.at)) * 1.05) } : {}),
      series: [
        { name: "Orgwarden", type: "bar", stack: "all", data: data.own, itemStyle: { color: c.own }, barCategoryGap: "15%",
          markLine: { silent: true, symbol: "none", animation: false, lineStyle: { color: c.text, type: "dashed" }, label: { position: "insideStartTop", color: c.text, fontSize: 11, backgroundColor: c.paper, padding: [1, 4], formatter: (p) => p.name },
            data: lines.map((l) => ({ name: l.label, yAxis: l.at })) } },
        { name: "Others", type: "bar", stack: "all", data: data.others.map((n) => (n === null ? "-" : n)), itemStyle: { color: c.others } },
      ],
    };
  };

  const kinds = { activity, calls };

  const look_closer = (data) => (event) => {
    const area = event.areas && event.areas[0];
    if (!area || !area.coordRange) return;
    const at = area.coordRange.map((i) => Math.min(Math.max(Math.round(i), 0), data.starts.length - 1));
    const address = new URL(window.location);
    const stamp = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
    ["range", "after", "part"].forEach((k) => address.searchParams.delete(k));
    address.searchParams.set("from", stamp(data.starts[at[0]]));
    address.searchParams.set("to", stamp(Math.min(data.starts[at[1]] + data.step, Math.max(data.until, data.starts[at[1]] + 1000))));
    window.location.assign(address);
  };

  document.querySelectorAll("[data-chart]").forEach((box) => {
    const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const chart = echarts.init(box, null, { renderer: "svg" });
    const draw = () => chart.setOption(kinds[data.kind](data, look(box)), true);
    draw();
    document.addEventListener("orgwarden:theme", draw);
    printing.addEventListener("change", draw);
    if (data.kind === "activity") {
      const arm = () => chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption: { brushType: "lineX", brushMode: "single" } });
      arm();
      chart.on("brushEnd", look_closer(data));
      document.addEventListener("orgwarden:theme", arm);
    }
    new ResizeObserver(() => chart.resize()).observe(box);
    window.addEventListener("beforeprint", () => chart.resize());
    box.dataset.drawn = "yes";
  });
})();
