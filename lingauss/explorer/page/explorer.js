// The page: state, what a change sets off, and what is drawn when.
const Explorer = (() => {
  const { element } = Controls;
  const SPOKEN_AFTER = 500; // milliseconds of rest before the summary is read out and tables are refreshed
  const THEMES = ["auto", "light", "dark"];

  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const at = (id) => document.getElementById(id);

  const subjects = read("subjects");
  const state = { key: null, subject: null, design: null, answers: null, map: null, heat: null };
  let mapped = ""; // what the present map was computed for
  let afresh = true;
  let running = null;
  let dirty = false;
  let resting = null;

  // ---- computing and drawing ----

  function compute() {
    const { subject, design } = state;
    state.answers = Model.evaluate(subject, design);
    const { student_rank, label_noise, ...rest } = design;
    const asked = JSON.stringify([state.key, rest]);
    if (asked !== mapped) {
      state.map = Model.map(subject, design, Views.noises(subject));
      state.heat = Views.heat(state.map, Spectrum.of(subject));
      mapped = asked;
      colourScale();
    }
  }

  // Redraw soon; changes that come meanwhile are taken together. Resolves when nothing is left to draw.
  function redraw() {
    dirty = true;
    running ??= drawAll();
    return running;
  }

  async function drawAll() {
    await null; // what else changes in this turn is drawn with it
    try {
      while (dirty) {
        dirty = false;
        const whole = afresh;
        afresh = false;
        compute();
        readouts();
        await Promise.all(Views.list.map((view) => Figures.draw(view, state, whole)));
      }
    } finally {
      running = null;
    }
    clearTimeout(resting);
    resting = setTimeout(atRest, SPOKEN_AFTER);
  }

  function readouts() {
    const { subject, design, answers } = state;
    const r = answers.place;
    const { bias, variance, bottleneck, total } = answers.ledger;
    const values = {
      bias: bias[r],
      variance: variance[r],
      bottleneck: bottleneck[r],
      total: total[r],
      "teacher-gap": answers.gaps?.teacher,
      "student-gap": answers.gaps?.student[r],
      "gap-width": answers.gaps?.proxy?.[r],
      "teacher-risk": answers.risks?.teacher,
      "student-risk": answers.risks?.student[r],
    };
    for (const [name, value] of Object.entries(values)) at(`value-${name}`).textContent = Format.number(value);
    Controls.show(subject, design, Model.priorVariance(Model.law(subject, design)));
  }

  function colourScale() {
    const { zmin, zmax } = state.heat;
    at("scale-low").textContent = Format.number(10 ** zmin, 2);
    at("scale-high").textContent = `${Format.number(10 ** zmax, 2)} nats`;
  }

  function summary() {
    const { answers } = state;
    const { ranks, place: r, best: low } = answers;
    const { bias, variance, bottleneck, total } = answers.ledger;
    const parts =
      `bias ${Format.number(bias[r])}, variance ${Format.number(variance[r])}, ` +
      `rank bottleneck ${Format.number(bottleneck[r])}`;
    const best =
      low === r
        ? "This is the best rank."
        : `The best rank is ${ranks[low]}, with ${Format.number(total[low])} nats.`;
    return `Rank ${ranks[r]}: divergence ${Format.number(total[r])} nats (${parts}). ${best}`;
  }

  // What need not follow the hand.
  function atRest() {
    at("summary").textContent = summary();
    for (const view of Views.list) fillTable(view);
    if (at("python").open) at("python-code").textContent = Python.snippet(state.subject, state.design);
    remember();
  }

  // ---- state ----

  function apply(changes) {
    const design = { ...state.design, ...changes };
    const objection = Settings.objection(state.subject, design);
    at("objection").textContent = objection ?? "";
    if (objection === null) state.design = design;
    return redraw();
  }

  function change(name, given) {
    const setting = Settings.byName[name];
    if ("prior" in given) return apply({ floor: given.prior ? null : Settings.usualFloor(state.subject) });
    return apply({
      [name]: "position" in given ? Settings.valueAt(setting, state.subject, given.position) : given.value,
    });
  }

  function select(key, design = subjects[key].design) {
    Object.assign(state, { key, subject: subjects[key], design: { ...design } });
    afresh = true;
    at("objection").textContent = "";
    at("subject").value = key;
    at("note").textContent = binning(state.subject);
    at("mode").textContent = MODES[state.subject.mode];
    at("facts").textContent =
      `${state.subject.n_samples} samples, ${Spectrum.of(state.subject).size} directions, ` +
      `${state.subject.outputs} output${state.subject.outputs === 1 ? "" : "s"}`;
    for (const view of Views.list) {
      const lacking = view.available(state.subject);
      const note = lacking ?? view.note?.(state.subject) ?? "";
      at(`note-${view.id}`).textContent = note;
      at(`view-${view.id}`).classList.toggle("unavailable", lacking !== null);
    }
    return redraw();
  }

  function binning(subject) {
    const { binned, ranks, size } = Spectrum.of(subject);
    if (!binned) return "";
    return `Sums are over all ${size} directions. Ranks move through ${ranks.length} of them; between these, directions are shown by their mean.`;
  }

  const MODES = {
    averaged: "averaged over labels",
    "plug-in": "averaged over labels, the posterior standing in for the truth",
    observed: "at the observed labels",
  };

  function remember() {
    const fragment = Settings.toFragment(state.key, state.subject, state.design);
    if (fragment === location.hash || location.protocol === "about:") return; // a notebook's frame has no address
    history.replaceState(null, "", fragment);
  }

  function recall() {
    const { key, design } = Settings.fromFragment(location.hash, subjects);
    return select(key, design);
  }

  // ---- parts of the page ----

  function key({ text, colour, formula }) {
    const swatch = element("span", { class: "swatch", style: `background: var(--${colour})`, "aria-hidden": "true" });
    return element("button", { type: "button", class: "key", "data-formula": formula }, swatch, text);
  }

  function ramp() {
    const colours = element("span", { class: "ramp", "aria-hidden": "true" });
    return element(
      "span",
      { class: "scale" },
      element("span", { id: "scale-low" }),
      colours,
      element("span", { id: "scale-high" }),
    );
  }

  function frame(view) {
    const figure = element("div", {
      id: `figure-${view.id}`,
      class: "figure",
      role: "img",
      "aria-label": `${view.title}. ${view.about} The table below holds its numbers.`,
    });
    const behind = element("div", { class: "behind" }, element("canvas", { id: "heat" }));
    return element("div", { class: "framed" }, ...(view.heat ? [behind] : []), figure);
  }

  function buildView(view) {
    const tool = (text, label, act) => {
      const button = element("button", { type: "button", "aria-label": `${view.title}: ${label}` }, text);
      button.addEventListener("click", act);
      return button;
    };
    const tools = element(
      "div",
      { class: "tools" },
      tool("CSV", "download the data as CSV", () =>
        save(`lingauss-${view.id}.csv`, Format.csv(view.table(state)), "text/csv"),
      ),
      tool("SVG", "download the picture as SVG", () => Figures.download(view, "svg")),
      tool("PNG", "download the picture as PNG", () => Figures.download(view, "png")),
    );
    const details = element(
      "details",
      { id: `table-${view.id}` },
      element("summary", {}, "Table"),
      element(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": `${view.title}, table` },
        element("table"),
      ),
    );
    details.addEventListener("toggle", () => fillTable(view));
    at("views").append(
      element(
        "section",
        { id: `view-${view.id}`, class: "view", "aria-labelledby": `title-${view.id}` },
        element("header", {}, element("h2", { id: `title-${view.id}` }, view.title), tools),
        element("p", { class: "about" }, view.about),
        element("div", { class: "keys" }, ...view.keys.map(key), ...(view.heat ? [ramp()] : [])),
        frame(view),
        element("p", { id: `note-${view.id}`, class: "note" }),
        details,
      ),
    );
  }

  function fillTable(view) {
    const details = at(`table-${view.id}`);
    if (!details.open || view.available(state.subject) !== null) return;
    const { header, rows } = view.table(state);
    const cell = (value) => (typeof value === "number" ? Format.number(value) : value);
    details
      .querySelector("table")
      .replaceChildren(
        element("thead", {}, element("tr", {}, ...header.map((text) => element("th", { scope: "col" }, text)))),
        element(
          "tbody",
          {},
          ...rows.map(([first, ...rest]) =>
            element(
              "tr",
              {},
              element("th", { scope: "row" }, cell(first)),
              ...rest.map((value) => element("td", {}, cell(value))),
            ),
          ),
        ),
      );
  }

  function save(name, text, type) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async function copyPython() {
    const code = Python.snippet(state.subject, state.design);
    at("python").open = true;
    at("python-code").textContent = code;
    try {
      await navigator.clipboard.writeText(code);
      at("copied").textContent = "Copied.";
    } catch {
      // without permission for the clipboard: leave the code selected
      getSelection().selectAllChildren(at("python-code"));
      at("copied").textContent = "Selected: copy it with the keyboard.";
    }
  }

  function nextTheme() {
    const root = document.documentElement;
    const theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    root.dataset.theme = theme;
    at("theme").textContent = `Theme: ${theme}`;
    afresh = true;
    redraw();
  }

  function install() {
    FormulaPanel.install(read("formulas"));
    Controls.build(at("controls"), change);
    for (const [name, { title }] of Object.entries(subjects))
      at("subject").append(element("option", { value: name }, title));
    Views.list.forEach(buildView);
    at("subject").addEventListener("change", () => select(at("subject").value));
    at("reset").addEventListener("click", () => select(state.key));
    at("best-rank").addEventListener("click", () => apply({ student_rank: Optimum.rank(state.subject, state.design) }));
    at("best-temperature").addEventListener("click", () =>
      apply({ temperature: Optimum.temperature(state.subject, state.design) }),
    );
    at("best-floor").addEventListener("click", () =>
      apply({ floor: Optimum.floor(state.subject, state.design) ?? state.design.floor }),
    );
    at("best-all").addEventListener("click", () => {
      const found = Optimum.all(state.subject, state.design);
      apply({ ...found, floor: found.floor ?? state.design.floor });
    });
    at("copy").addEventListener("click", copyPython);
    at("python").addEventListener("toggle", atRest);
    at("theme").addEventListener("click", nextTheme);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      afresh = true;
      redraw();
    });
    addEventListener("hashchange", recall);
    Figures.onPoint(showPoint);
    recall().then(() => {
      const observer = new ResizeObserver((entries) => {
        for (const { target } of entries) Figures.resize(Views.list.find((view) => Figures.box(view) === target));
      });
      for (const view of Views.list) observer.observe(Figures.box(view));
      document.documentElement.dataset.ready = "";
    });
  }

  function showPoint(formula, what, value) {
    FormulaPanel.show(formula, `${what}: ${Format.number(value)}`);
  }

  install();

  return { state, subjects, redraw, apply, select };
})();
