// The formula of what is under the pointer or has been chosen: its symbols with their meanings and present values.
const FormulaPanel = (() => {
  const { element, at } = Controls;
  // Formulas of what is dropped, whose values are of the first direction that is; else of the last that is kept.
  const OF_DROPPED = [
    "discarded_cost",
    "kernel_discarded",
    "discarded_bias",
    "discarded_noise",
    "discarded_spread",
    "unseen_risk",
    "floor_star",
  ];

  let catalogue = {};
  let shown = null;
  let of = null; // the scene whose values are shown
  let direction = null; // that the values are of, counted in the order in which directions are kept
  let opener = null;
  let summed = null; // name of the quantity that is read off

  const wide = () => matchMedia("(min-width: 1400px)").matches;
  const isOpen = () => wide() || at("formula").classList.contains("open");

  function install(formulas, scene) {
    catalogue = formulas;
    of = scene;
    const named = (event) => event.target.closest?.("[data-formula]");
    const follow = (event) => {
      const source = named(event);
      if (source && isOpen()) show(source.dataset.formula, "", null, source.dataset.quantity);
    };
    document.addEventListener("pointerover", follow);
    document.addEventListener("focusin", follow);
    // names that do nothing else open the drawer
    document.addEventListener("click", (event) => {
      const source = named(event);
      if (!source || source.dataset.best) return;
      opener = source;
      at("formula").classList.add("open");
      show(source.dataset.formula, "", null, source.dataset.quantity);
    });
    at("formula-close").addEventListener("click", close);
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") close();
    });
  }

  function close() {
    at("formula").classList.remove("open");
    if (at("formula").contains(document.activeElement)) opener?.focus();
  }

  // `reading` says what the pointer reads off, and `quantity` whose present value stands there instead; both may change
  // while the formula stays.
  function show(name, reading, index = null, quantity = null) {
    if (!name) return;
    if (index !== null) direction = index;
    summed = quantity;
    at("formula-value").textContent = reading;
    if (name !== shown) {
      shown = name;
      const { title, source, assumptions, mathml } = catalogue[name];
      at("formula").dataset.shown = name;
      at("formula-title").textContent = title;
      // MathML of the library's own formulas, part of the page; nothing from the user's data.
      at("formula-body").innerHTML = mathml.join("");
      fit(at("formula-body"));
      at("formula-notes").replaceChildren(...[...assumptions, source].map((text) => element("li", {}, text)));
      at("formula-python").textContent = `lingauss.symbolic.derivation("${name}")`;
    }
    refresh();
  }

  const SMALLEST = 0.62; // size of letters to which a formula is set down, so that the column need not be scrolled

  function fit(body) {
    for (const math of body.children) {
      const share = body.clientWidth / math.scrollWidth;
      if (share > 0 && share < 1) math.style.fontSize = `${Math.max(SMALLEST, 0.98 * share)}em`;
    }
  }

  // Values of the present design; the direction is the last one read off, else the last that is kept.
  function refresh() {
    if (shown === null || !isOpen()) return;
    const scene = of();
    if (summed) at("formula-value").textContent = total(scene);
    const end = scene.answers.costs.spectrum.ends[scene.answers.place];
    const usual = OF_DROPPED.includes(shown) ? end : end - 1;
    const found = FormulaValues.of(scene, direction ?? usual, shown);
    const { symbols } = catalogue[shown];
    const rows = symbols.map(({ name, mathml, meaning }) => {
      const symbol = element("td", {});
      symbol.innerHTML = mathml;
      const value = found.values[name];
      return element(
        "tr",
        {},
        symbol,
        element("td", {}, meaning),
        element("td", {}, value === undefined ? "" : Format.number(value)),
      );
    });
    const varies = symbols.some(({ name }) => FormulaValues.PER_DIRECTION.includes(name));
    const which = found.direction === null ? "the direction shown" : `direction ${found.direction}`;
    const caption = varies ? `Of ${which}, which is ${found.kept ? "kept" : "dropped"}:` : "In the present design:";
    at("formula-symbols").replaceChildren(element("caption", {}, caption), element("tbody", {}, ...rows));
  }

  // A result beside the formula of one of its terms.
  function total(scene) {
    const quantity = Quantities.byName[summed];
    const value = Quantities.valueOf(quantity, scene.answers);
    const { size } = scene.answers.costs.spectrum;
    const rank = scene.design.student_rank;
    const over = {
      bias: `${rank} directions kept`,
      variance: `${rank} directions kept`,
      rank_bottleneck: `${size - rank} directions dropped`,
      process_total: `${scene.design.n_samples} labels and ${size} directions`,
    };
    return value === null
      ? ""
      : `${quantity.label}: ${Format.number(value)} ${quantity.unit}, summed over ${over[summed] ?? `${size} directions`}`;
  }

  // Another problem has other directions.
  function forget() {
    direction = null;
  }

  return { install, show, refresh, forget };
})();
