// The page: its state, what changes it, and what is drawn when. Data goes one way, from the state to a scene of numbers
// and from there to everything that is shown.
const Explorer = (() => {
  const { element, at } = Controls;
  const SPOKEN_AFTER = 500; // milliseconds of rest before the summary is read out and tables are refreshed
  const THEMES = ["auto", "light", "dark"];
  const MODES = {
    averaged: "averaged over labels",
    "plug-in": "averaged over labels, the posterior standing in for the truth",
    observed: "at the observed labels",
  };

  const read = (id) => JSON.parse(at(id).textContent);
  const START = {
    wish: { objective: "divergence", tolerance: 0, budget: null },
    axis: { name: "temperature", quantity: "divergence" },
  };

  let subjects = read("subjects");
  let scene = null;
  const state = { key: null, design: null, pins: [], wish: { ...START.wish }, axis: { ...START.axis } };
  let running = null;
  let dirty = false;
  let resting = null;

  // ---- drawing ----

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
        scene = Scene.of(state, subjects);
        Controls.show(scene.subject, scene.design, Model.priorVariance(scene.answers.costs.law));
        Readouts.show(scene);
        ComparePanel.show(scene, page);
        ViewPanels.show(scene);
      }
    } finally {
      running = null;
    }
    clearTimeout(resting);
    resting = setTimeout(atRest, SPOKEN_AFTER);
  }

  // What need not follow the hand.
  function atRest() {
    at("summary").textContent = Readouts.summary(scene);
    at("leading").hidden = !scene.design.order;
    FormulaPanel.refresh();
    ViewPanels.fillAll(scene);
    ComparePanel.payers(scene);
    if (at("python").open) at("python-code").textContent = Python.comparison(scene);
    remember();
  }

  // ---- state ----

  const object = (text) => {
    at("objection").textContent = text ?? "";
  };

  // Take a design over unless it has no law, or numbers that double precision cannot hold.
  function apply(changes) {
    const subject = subjects[state.key];
    const design = { ...state.design, ...changes };
    const objection = Settings.objection(subject, design) ?? Settings.overflow(Scene.answersTo(subjects, state.key, design));
    object(objection ?? lost(subject, design));
    if (objection === null) state.design = design;
    return redraw();
  }

  // Why a design has no such objective, or null; it is then the divergence again.
  function lost(subject, design) {
    const lacking = Quantities.objectives[state.wish.objective].lacking(subject, design);
    if (lacking === null) return null;
    state.wish = { ...state.wish, objective: "divergence" };
    showWish();
    return lacking;
  }

  function change(name, given) {
    const subject = subjects[state.key];
    if ("prior" in given) return apply({ floor: given.prior ? null : Settings.usualFloor(subject) });
    return apply({
      [name]: "position" in given ? Sliders.valueAt(Settings.byName[name], subject, given.position) : given.value,
    });
  }

  // One step of a setting's slider.
  function nudge(name, by) {
    const subject = subjects[state.key];
    const setting = Settings.byName[name];
    const position = Sliders.positionOf(setting, subject, state.design[name]) + by;
    const last = Sliders.sliderEnd(setting, subject);
    return change(name, { position: Math.min(last, Math.max(0, position)) });
  }

  function select(key, design = subjects[key].design) {
    Object.assign(state, { key, design: { order: null, ...design } });
    lost(subjects[key], state.design);
    object(null);
    FormulaPanel.forget();
    Figures.forget();
    introduce();
    return redraw();
  }

  // What a problem is.
  function introduce() {
    const subject = subjects[state.key];
    const { binned, ranks, size } = Spectrum.of(subject);
    at("subject").value = state.key;
    at("mode").textContent = MODES[subject.mode];
    at("facts").textContent =
      `${subject.n_samples} samples, ${size} directions, ${subject.outputs} output${subject.outputs === 1 ? "" : "s"}`;
    at("note").textContent = binned
      ? `Sums are over all ${size} directions. Ranks move through ${ranks.length} of them; between these, directions are shown by their mean.`
      : "";
    for (const option of at("objective").options)
      option.disabled = Quantities.objectives[option.value].lacking(subject) !== null;
    showWish();
  }

  function showWish() {
    at("objective").value = state.wish.objective;
    at("tolerance").value = String(100 * state.wish.tolerance);
    at("budget").value = state.wish.budget ?? "";
  }

  function wishFor() {
    const tolerance = Format.read(at("tolerance").value.trim() || "0") / 100;
    const text = at("budget").value.trim();
    const budget = text === "" ? null : Format.read(text);
    if (!(tolerance >= 0 && Number.isFinite(tolerance)))
      object("Tolerance: expected tolerance at least 0; got something else. Pass a number at least 0.");
    else if (budget !== null && !(Number.isSafeInteger(budget) && budget >= 0))
      object(
        "Rank budget: expected rank_budget, a whole number of at least 0; got something else. Leave it empty for none.",
      );
    else {
      state.wish = { objective: at("objective").value, tolerance, budget };
      object(lost(subjects[state.key], state.design));
    }
    showWish();
    return redraw();
  }

  const best = (what) => apply(Optimum.changes(what, subjects[state.key], state.design, state.wish));

  // Keep a direction that is dropped, or drop one that is kept, counted in the present order.
  function toggle(index) {
    const subject = subjects[state.key];
    if (subject.bins) {
      object("Long spectra keep their leading directions: single ones are not shown.");
      return redraw();
    }
    const rank = state.design.student_rank;
    const order = Array.from(state.design.order ?? subject.eigenvalues.keys());
    const [moved] = order.splice(index, 1);
    const kept = index < rank ? order.slice(0, rank - 1) : [...order.slice(0, rank), moved];
    const chosen = new Set(kept);
    const rest = Array.from(subject.eigenvalues.keys()).filter((i) => !chosen.has(i));
    const both = [...kept.sort((one, other) => one - other), ...rest];
    const leading = both.every((direction, i) => direction === i);
    return apply({ order: leading ? null : Int32Array.from(both), student_rank: kept.length });
  }

  const page = {
    scene: () => scene,
    apply,
    nudge,
    toggle,
    copy,
    chooseAxis(choice) {
      state.axis = { ...state.axis, ...choice };
      return redraw();
    },
    pin() {
      if (state.pins.length < Pins.LETTERS.length) state.pins = Pins.added(state.pins, state.key, state.design);
      return redraw();
    },
    unpin(letter) {
      state.pins = Pins.without(state.pins, letter);
      at("pin").focus();
      return redraw();
    },
    rename(letter, name) {
      state.pins = Pins.renamed(state.pins, letter, name);
      return redraw();
    },
    restore(letter) {
      const pin = state.pins.find((one) => one.letter === letter);
      return select(pin.key, pin.design);
    },
  };

  // Another spectrum takes the place of an own one; pins on that go with it.
  function useOwn(subject) {
    const version = (subjects.own?.version ?? 0) + 1;
    subjects = { ...subjects, own: { ...subject, version } };
    state.pins = state.pins.filter(({ key }) => key !== "own");
    listSubjects();
    return select("own");
  }

  function listSubjects() {
    at("subject").replaceChildren(
      ...Object.entries(subjects).map(([value, { title }]) => element("option", { value }, title)),
    );
  }

  // ---- the address ----

  function remember() {
    const fragment = Address.write(state, subjects, START);
    if (fragment === location.hash || location.protocol === "about:") return; // a notebook's frame has no address
    history.replaceState(null, "", fragment);
  }

  function recall(fragment) {
    const found = Address.read(fragment, subjects, START);
    subjects = found.subjects;
    listSubjects();
    Object.assign(state, found.state);
    const done = select(state.key, state.design);
    if (found.refused.length) object(`The address says what this page cannot use: ${found.refused.join("; ")}.`);
    return done;
  }

  // ---- copies ----

  async function copy(code) {
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
    return redraw();
  }

  function install() {
    FormulaPanel.install(read("formulas"), page.scene);
    Controls.build(at("controls"), change);
    Readouts.build();
    ComparePanel.install(page);
    ViewPanels.build(page);
    OwnPanel.install(useOwn);
    at("objective").append(
      ...Object.entries(Quantities.objectives).map(([value, { label }]) => element("option", { value }, label)),
    );
    at("subject").addEventListener("change", () => select(at("subject").value));
    at("reset").addEventListener("click", () => select(state.key));
    at("leading").addEventListener("click", () => apply({ order: null }));
    for (const id of ["objective", "tolerance", "budget"]) at(id).addEventListener("change", wishFor);
    for (const button of document.querySelectorAll("[data-best]"))
      button.addEventListener("click", () => best(button.dataset.best));
    at("copy").addEventListener("click", () => copy(Python.comparison(scene)));
    at("python").addEventListener("toggle", atRest);
    at("theme").addEventListener("click", nextTheme);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    addEventListener("hashchange", ({ newURL }) => recall(new URL(newURL).hash)); // whatever is remembered meanwhile
    recall(location.hash).then(() => {
      const observer = new ResizeObserver((entries) => {
        for (const { target } of entries) Figures.resized(ViewPanels.list.find((view) => Figures.box(view) === target));
        redraw();
      });
      for (const view of ViewPanels.list) observer.observe(Figures.box(view));
      document.documentElement.dataset.ready = "";
    });
  }

  install();

  return {
    state,
    redraw,
    apply,
    select,
    scene: () => scene,
    get subjects() {
      return subjects;
    },
  };
})();
