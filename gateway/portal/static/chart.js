// Pictures for people who look rather than read, drawn by ECharts on a canvas.
//
// A figure carries its facts as JSON and a table with the same content; the picture itself is silent. ECharts is
// fetched when the first picture comes into view, and a picture is freed when its figure leaves the page. Without
// this script the table stands open.
const MOVING = matchMedia("(prefers-reduced-motion: no-preference)");
const DARK = matchMedia("(prefers-color-scheme: dark)");
const MOST_NAMED = 60;
const drawn = new Map();
let library = null;

export function start(figure) {
  const table = figure.querySelector("details");
  if (table) table.open = false;
  figure.dataset.ready = "yes";
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    draw(figure).catch(() => {
      figure.querySelector(".chart").hidden = true;
      if (table) table.open = true;
    });
  }, { rootMargin: "200px" });
  seen.observe(figure);
}

async function draw(figure) {
  library ??= import(figure.dataset.library);
  const [echarts] = await Promise.all([library, document.fonts.ready]);
  const place = figure.querySelector(".chart");
  if (!place.isConnected) return;
  const { kind, facts, words } = JSON.parse(figure.querySelector("script").textContent);
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const picture = { chart, place, show: () => chart.setOption(optionOf(kind, facts, words, sceneOf(place)), true) };
  drawn.set(place, picture);
  chart.on("click", (event) => follow(figure, event.data?.address));
  picture.show();
  watchSize(picture);
}

// A size of nothing is how an element says that it has left the page.
function watchSize({ chart, place, show }) {
  let width = place.clientWidth;
  const watching = new ResizeObserver(() => {
    if (!place.isConnected) {
      watching.disconnect();
      drawn.delete(place);
      chart.dispose();
    } else if (place.clientWidth && place.clientWidth !== width) {
      width = place.clientWidth;
      chart.resize();
      show();
    }
  });
  watching.observe(place);
}

DARK.addEventListener("change", () => drawn.forEach((picture) => picture.show()));
MOVING.addEventListener("change", () => drawn.forEach((picture) => picture.show()));

// A link of the table beside the picture is followed, so that it behaves like any other link of the page.
function follow(figure, address) {
  if (address) figure.querySelector(`a[href="${CSS.escape(address)}"]`)?.click();
}

function sceneOf(place) {
  const style = getComputedStyle(place);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  return { color, font: style.fontFamily, width: place.clientWidth, height: place.clientHeight };
}

function optionOf(kind, facts, words, scene) {
  const { color, font } = scene;
  return {
    aria: { enabled: false },
    animation: MOVING.matches,
    animationDuration: 200,
    textStyle: { fontFamily: font, color: color("ink"), fontSize: 13 },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: color("ink"),
      borderWidth: 0,
      textStyle: { color: color("paper"), fontFamily: font, fontSize: 14 },
      formatter: (event) => event.data?.label_text ?? event.name,
    },
    ...KINDS[kind](facts, words, scene),
  };
}

const KINDS = { network, heat, matrix, beforeafter, funnel, trend };

// ------------------------------------------------------------------------------------------------------- network
// people: [{id, name, gives, takes, label?}], pairs: [{giver, taker, label, address?}]: arrows go from give to take.
function network(facts, words, scene) {
  const { color } = scene;
  const isNamed = facts.people.length <= MOST_NAMED && scene.width > 560;
  const longest = Math.max(0, ...facts.people.map(({ name }) => name.length));
  const frame = { left: 28, right: isNamed ? Math.min(36 + 8 * longest, scene.width / 3) : 28, top: 28, bottom: 28 };
  const size = [scene.width - frame.left - frame.right, scene.height - frame.top - frame.bottom];
  const places = spread(facts, size);
  // Two corners that nobody sees keep the picture's scale at one, so that circles stay round.
  const corners = [[0, 0], size].map(([x, y], number) => ({ id: `corner-${number}`, x, y, symbolSize: 0, tooltip: { show: false } }));
  return {
    series: [{
      type: "graph",
      layout: "none",
      ...frame,
      edgeSymbol: ["none", "arrow"],
      edgeSymbolSize: 10,
      label: {
        show: isNamed, position: "right", color: color("ink"), fontSize: 12,
        textBorderColor: color("surface"), textBorderWidth: 3, formatter: (event) => event.data.called ?? "",
      },
      labelLayout: { hideOverlap: true },
      emphasis: { focus: "adjacency", label: { show: true } },
      blur: { itemStyle: { opacity: 0.2 }, lineStyle: { opacity: 0.06 } },
      data: [...facts.people.map((person) => node(person, places, scene)), ...corners],
      links: facts.pairs.map((pair) => link(pair, places, scene)),
    }],
  };
}

function node(person, places, { color }) {
  const [x, y] = places.get(person.id);
  const warm = person.gives ? color("give-fill") : color("surface");
  const cool = person.takes ? color("take-fill") : color("surface");
  const halves = [{ offset: 0, color: warm }, { offset: 0.5, color: warm }, { offset: 0.5, color: cool }, { offset: 1, color: cool }];
  return {
    id: person.id,
    name: person.id,
    called: person.name,
    label_text: person.label ?? person.name,
    address: person.address,
    x, y,
    symbolSize: 16 + 4 * Math.min(person.gives + person.takes, 5),
    itemStyle: {
      color: { type: "linear", x: 0, y: 0, x2: 1, y2: 0, colorStops: halves },
      borderColor: color("ink-soft"),
      borderWidth: 1,
      borderType: person.gives || person.takes ? "solid" : "dashed",
    },
  };
}

function link(pair, places, { color }) {
  const [from, to] = [places.get(pair.giver), places.get(pair.taker)];
  const [right, down] = [to[0] >= from[0], to[1] >= from[1]];
  return {
    source: pair.giver,
    target: pair.taker,
    label_text: pair.label,
    address: pair.address,
    lineStyle: {
      width: 2.5,
      opacity: 0.9,
      curveness: 0.12,
      type: pair.is_marked ? "dashed" : "solid",
      color: {
        type: "linear",
        x: right ? 0 : 1, y: down ? 0 : 1, x2: right ? 1 : 0, y2: down ? 1 : 0,
        colorStops: [[0, "give-fill"], [0.4, "give-fill"], [0.6, "take-fill"], [1, "take-fill"]].map(([offset, name]) => ({ offset, color: color(name) })),
      },
    },
  };
}

// Springs along the pairs, everybody pushing everybody off, a little pull to the middle. It begins on a spiral and
// takes no chance, so that the same network looks the same to everybody. Whoever is alone stands in rows beneath.
function spread({ people, pairs }, [width, height]) {
  const paired = new Set(pairs.flatMap((pair) => [pair.giver, pair.taker]));
  const [together, alone] = [people.filter(({ id }) => paired.has(id)), people.filter(({ id }) => !paired.has(id))];
  const columns = Math.max(1, Math.floor(width / 34)), rows = Math.ceil(alone.length / columns);
  const ground = together.length ? Math.max(height - rows * 34, height / 3) : 0;
  const at = settled(together, pairs);
  const places = new Map(together.map((person, number) => [person.id, [at[number][0] * width, at[number][1] * ground]]));
  alone.forEach((person, number) => {
    const [row, column] = [Math.floor(number / columns), number % columns];
    places.set(person.id, [column * 34, height - (rows - 1 - row) * 34]);
  });
  return places;
}

// Places between 0 and 1 on both sides.
function settled(people, pairs) {
  const order = new Map(people.map((person, number) => [person.id, number]));
  const springs = pairs.map((pair) => [order.get(pair.giver), order.get(pair.taker)]);
  const at = people.map((_, number) => {
    const turn = number * 2.399963, far = Math.sqrt(number + 0.5);
    return [far * Math.cos(turn), far * Math.sin(turn)];
  });
  for (let heat = 1; heat > 0.01; heat *= 0.975) step(at, springs, heat);
  return [0, 1].map((side) => fitted(at.map((place) => place[side]))).reduce((xs, ys) => xs.map((x, number) => [x, ys[number]]));
}

function fitted(numbers) {
  const low = Math.min(...numbers), long = Math.max(...numbers) - low;
  return numbers.map((number) => (long ? (number - low) / long : 0.5));
}

function step(at, springs, heat) {
  const push = at.map(([x, y]) => [-x * 0.06, -y * 0.06]);
  for (let one = 0; one < at.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const [dx, dy] = [at[one][0] - at[other][0], at[one][1] - at[other][1]];
      const force = 1 / Math.max(dx * dx + dy * dy, 0.05);
      move(push, one, other, dx * force, dy * force);
    }
  }
  for (const [one, other] of springs) {
    const [dx, dy] = [at[one][0] - at[other][0], at[one][1] - at[other][1]];
    const force = -0.35 * Math.hypot(dx, dy);
    move(push, one, other, dx * force, dy * force);
  }
  push.forEach(([x, y], number) => {
    const far = Math.hypot(x, y) || 1, reach = Math.min(far, heat * 2);
    at[number][0] += (x / far) * reach;
    at[number][1] += (y / far) * reach;
  });
}

function move(push, one, other, x, y) {
  push[one][0] += x; push[one][1] += y;
  push[other][0] -= x; push[other][1] -= y;
}

// ------------------------------------------------------------------------------------------------ heat and matrix
// rows, columns: names; cells: [{row, column, share 0…1, text?, label, hidden?, is_warm?, address?}]: the darker, the
// more; warm is what people give.
function grid(facts, words, scene, fill) {
  const { color } = scene;
  // Numbers must stay readable on the darkest cell.
  const depth = fill === "take-fill" && !DARK.matches ? 0.9 : 0.5;
  const axis = { type: "category", axisTick: { show: false }, axisLine: { show: false }, splitArea: { show: false } };
  const hatch = { symbol: "rect", color: color("hatch"), dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 };
  const [beside, isLow] = besideOf(facts.rows, scene);
  // The number of a school stays with its sign.
  const rows = facts.rows.map((row) => (isLow || row.length * LETTER < beside ? row : row.replace(" № ", "\n№ ")));
  const wide = (scene.width - beside - 24) / facts.columns.length;
  const names = { color: color("ink"), fontSize: 12, lineHeight: LINE, interval: 0 };
  const number = { show: true, color: color("ink"), fontSize: 12, formatter: (event) => event.data.text ?? "" };
  const hushed = { ...number, show: wide > 48, color: color("ink-soft"), backgroundColor: color("surface"), padding: [2, 4] };
  return {
    grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
    xAxis: { ...axis, data: facts.columns, position: "top", axisLabel: { ...names, ...headOf(facts.columns, wide) } },
    yAxis: { ...axis, data: rows, inverse: true, axisLabel: { ...names, width: beside, overflow: isLow ? "truncate" : "break" } },
    series: [{
      type: "heatmap",
      label: number,
      emphasis: { itemStyle: { borderColor: color("ink"), borderWidth: 2 } },
      data: facts.cells.map((cell) => ({
        value: [cell.column, cell.row, cell.share ?? 0],
        text: cell.text,
        label_text: cell.label,
        address: cell.address,
        label: cell.hidden ? { ...hushed, formatter: cell.text || words.hidden } : undefined,
        itemStyle: {
          color: cell.hidden ? color("surface") : mixed(color("sunken"), color(cell.is_warm ? "give-fill" : fill), depth * (cell.share ?? 0)),
          decal: cell.hidden ? hatch : undefined,
          borderColor: color("surface"),
          borderWidth: 2,
          borderRadius: 4,
        },
      })),
    }],
    // A heat map insists on a scale of its own; each cell has its colour already.
    visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: {}, seriesIndex: [] },
  };
}

// About as wide is a letter of the axes, in pixels, and as high a line.
const LETTER = 6.8, LINE = 15;

// How much room the names of the rows take, and whether a row is too low for two lines.
function besideOf(rows, { width, height }) {
  const isLow = height / rows.length < 2.5 * LINE, most = width < 560 ? width * 0.3 : width / (isLow ? 2 : 3);
  return [Math.min(most, 12 + LETTER * Math.max(0, ...rows.map((row) => row.length))), isLow];
}

// Names of columns break into lines; where a column is too narrow for its words they stand upright, and what no line
// holds is called by its end: an indicator differs from its neighbours after the colon.
function headOf(names, wide) {
  const longest = Math.max(0, ...names.map((name) => name.length)) * LETTER;
  if (wide >= 92) return { width: wide - 8, overflow: "break", formatter: (name) => apart(name, wide - 8) };
  const lines = Math.max(1, Math.floor(wide / LINE)), needed = longest / lines + (lines > 1 ? 40 : 0);
  const isLong = needed > 200;
  const formatter = (name) => (isLong ? name.slice(name.lastIndexOf(": ") + 1).trim() : name);
  return { rotate: 90, width: Math.min(needed, 200), overflow: lines > 1 ? "break" : "truncate", formatter };
}

// A word of two that is wider than its column breaks behind its hyphen.
function apart(name, wide) {
  return name.split(" ").map((word) => (word.length * LETTER > wide ? word.replace("-", "- ") : word)).join(" ");
}

function heat(facts, words, scene) {
  return grid(facts, words, scene, "take-fill");
}

function matrix(facts, words, scene) {
  return grid(facts, words, scene, "domain-p");
}

function mixed(from, to, share) {
  const [one, other] = [parts(from), parts(to)];
  return `rgb(${one.map((part, number) => Math.round(part + (other[number] - part) * share)).join(",")})`;
}

function parts(color) {
  const digits = color.replace("#", "");
  const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  return [0, 2, 4].map((begin) => Number.parseInt(long.slice(begin, begin + 2), 16));
}

// --------------------------------------------------------------------------------------------------- before, after
// steps: the five names; rows: [{name, before: {low, value, high}, after: {…}, target?, label}], levels 1…5.
function beforeafter(facts, words, scene) {
  const { color } = scene;
  // Both bands of a row stand nearer to each other than to the next row.
  const shift = Math.max(4, Math.min(8, (scene.height - 72) / facts.rows.length / 4 - 1));
  const looks = [
    { key: "before", name: words.before, shift: -shift, band: color("hatch"), ink: color("ink-soft"), hollow: true },
    { key: "after", name: words.after, shift, band: mixed(color("surface"), color("action"), 0.35), ink: color("action"), hollow: false },
  ];
  return {
    legend: { data: looks.map((look) => ({ name: look.name, icon: look.hollow ? "emptyCircle" : "circle" })), top: 4, left: 4, textStyle: { color: color("ink") }, selectedMode: false },
    grid: { left: 8, right: 40, top: 40, bottom: 8, containLabel: true },
    xAxis: {
      type: "value", min: 1, max: 5, interval: 1, position: "bottom",
      axisLabel: { color: color("ink-soft"), fontSize: 12, rotate: scene.width < 560 ? 50 : 0, formatter: (level) => facts.steps[level - 1] ?? "" },
      splitLine: { lineStyle: { color: color("line") } },
    },
    yAxis: {
      type: "category", inverse: true, data: facts.rows.map((row) => row.name),
      axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: color("ink"), fontSize: 12, lineHeight: 14, interval: 0, width: scene.width < 560 ? 116 : 280, overflow: "break" },
    },
    series: [...looks.map((look) => bands(facts, look)), targets(facts, color)],
  };
}

function bands(facts, look) {
  const rows = facts.rows.map((row, number) => ({ row, number })).filter(({ row }) => row[look.key]);
  return {
    type: "custom",
    name: look.name,
    itemStyle: { color: look.ink },
    encode: { x: [1, 2, 3], y: 0 },
    data: rows.map(({ row, number }) => ({
      value: [number, row[look.key].low, row[look.key].value, row[look.key].high], label_text: row.label,
    })),
    renderItem(params, api) {
      const [low, value, high] = [1, 2, 3].map((at) => api.coord([api.value(at), api.value(0)]));
      const y = value[1] + look.shift;
      const width = Math.max(high[0] - low[0], 6);
      return {
        type: "group",
        children: [
          { type: "rect", shape: { x: low[0], y: y - 4, width, height: 8, r: 4 }, style: { fill: look.band } },
          { type: "circle", shape: { cx: value[0], cy: y, r: 5 }, style: { fill: look.hollow ? look.band : look.ink, stroke: look.ink, lineWidth: 2 } },
        ],
      };
    },
  };
}

function targets(facts, color) {
  const rows = facts.rows.map((row, number) => [number, row.target]).filter(([, target]) => target);
  return {
    type: "custom",
    silent: true,
    encode: { x: 1, y: 0 },
    data: rows,
    renderItem(params, api) {
      const [x, y] = api.coord([api.value(1), api.value(0)]);
      return { type: "rect", shape: { x: x - 1.5, y: y - 14, width: 3, height: 28 }, style: { fill: color("ink") } };
    },
  };
}

// --------------------------------------------------------------------------------------------------------- funnel
// steps: [{name, value, text, label}]: from all to those who came through; bars share one beginning.
function funnel(facts, words, { color, width }) {
  return {
    grid: { left: 8, right: 72, top: 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", min: 0, show: false },
    yAxis: {
      type: "category", inverse: true, data: facts.steps.map((one) => one.name),
      axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: color("ink"), fontSize: 13, width: width < 560 ? 110 : 240, overflow: "truncate" },
    },
    series: [{
      type: "bar",
      barMaxWidth: 28,
      itemStyle: { color: color("action"), borderRadius: [0, 6, 6, 0] },
      label: { show: true, position: "right", color: color("ink"), fontSize: 13, formatter: (event) => event.data.text ?? "" },
      data: facts.steps.map((one) => ({ value: one.value, text: one.text, label_text: one.label })),
    }],
  };
}

// ---------------------------------------------------------------------------------------------------------- trend
// times: names; lines: [{name, values, low?, high?, labels}], a null where nothing was counted; min, max; `unit`
// stands behind the numbers of the axis. The band is the interval.
function trend(facts, words, { color }) {
  const inks = ["action", "give", "take", "domain-d", "domain-i", "domain-m"].map(color);
  return {
    legend: facts.lines.length > 1 ? { top: 0, left: 0, textStyle: { color: color("ink") }, data: facts.lines.map((line) => line.name) } : undefined,
    grid: { left: 8, right: 24, top: facts.lines.length > 1 ? 36 : 16, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: facts.times, boundaryGap: false, axisLabel: { color: color("ink-soft"), fontSize: 12 }, axisLine: { lineStyle: { color: color("line") } } },
    yAxis: {
      type: "value", min: facts.min ?? undefined, max: facts.max ?? undefined,
      axisLabel: { color: color("ink-soft"), fontSize: 12, formatter: (number) => `${number.toLocaleString(document.documentElement.lang)}${facts.unit ?? ""}` },
      splitLine: { lineStyle: { color: color("line") } },
    },
    series: facts.lines.flatMap((line, number) => [...interval(line, inks[number % inks.length]), curve(line, number, inks), ...whiskers(line, inks[number % inks.length])]),
  };
}

const FORMS = ["circle", "rect", "triangle", "diamond"];

function curve(line, number, inks) {
  return {
    type: "line",
    name: line.name,
    symbol: FORMS[number % FORMS.length],
    symbolSize: 9,
    color: inks[number % inks.length],
    lineStyle: { width: 2.5 },
    connectNulls: false,
    data: line.values.map((value, at) => ({ value, label_text: line.labels?.[at] })),
  };
}

function interval(line, ink) {
  if (!line.low || !line.high) return [];
  const side = { type: "line", stack: `interval of ${line.name}`, symbol: "none", silent: true, lineStyle: { opacity: 0 } };
  return [
    { ...side, data: line.low },
    { ...side, areaStyle: { color: ink, opacity: 0.18 }, data: line.high.map((high, at) => (high === null ? null : high - line.low[at])) },
  ];
}

// The ends of each interval; a band has no width where a single publication stands.
function whiskers(line, ink) {
  if (!line.low || !line.high) return [];
  const ends = line.low.map((low, at) => [at, low, line.high[at]]).filter(([, low, high]) => low !== null && high !== null);
  return [{
    type: "custom", silent: true, data: ends, encode: { x: 0, y: [1, 2] },
    renderItem(params, api) {
      const [[x, low], [, high]] = [1, 2].map((side) => api.coord([api.value(0), api.value(side)]));
      const shape = { pathData: `M${x - 5} ${low}h10M${x - 5} ${high}h10M${x} ${low}V${high}` };
      return { type: "path", shape, style: { stroke: ink, lineWidth: 1.5, fill: "none", opacity: 0.7 } };
    },
  }];
}
