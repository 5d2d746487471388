// The panel of pinned designs: their names, how to get back to them, and their differences from the present design.
const ComparePanel = (() => {
  const { element, at, write } = Controls;
  let shown = ""; // letters and names that stand in the panel
  let outline = ""; // and the heads and rows of its table

  function install(page) {
    at("pin").addEventListener("click", page.pin);
    at("compare-csv").addEventListener("click", () =>
      Downloads.save("lingauss-comparison.csv", Format.csv(Comparison.table(page.scene())), "text/csv"),
    );
    at("who-pays").addEventListener("toggle", () => payers(page.scene()));
  }

  function show(scene, page) {
    at("compare").hidden = scene.pins.length === 0;
    at("pin").disabled = scene.pins.length === Pins.LETTERS.length;
    at("pin").textContent = at("pin").disabled ? "Three designs are pinned" : "Pin this design";
    const now = JSON.stringify(scene.pins.map(({ letter, name }) => [letter, name]));
    if (now !== shown) {
      shown = now;
      at("pins").replaceChildren(...scene.pins.map((pin) => handles(pin, page)));
    }
    if (scene.pins.length) fill(scene);
  }

  function handles(pin, page) {
    const name = element("input", {
      type: "text",
      value: pin.name,
      maxlength: Pins.LONGEST_NAME,
      "aria-label": `Name of design ${pin.letter}`,
      autocomplete: "off",
    });
    name.addEventListener("change", () => page.rename(pin.letter, name.value));
    const button = (text, act) => {
      const made = element("button", { type: "button", "aria-label": `${text} design ${pin.letter}` }, text);
      made.addEventListener("click", () => act(pin.letter));
      return made;
    };
    return element(
      "div",
      { class: "pin", style: `--pin: var(--${pin.letter})`, role: "group", "aria-label": `Design ${pin.letter}` },
      element("b", {}, pin.letter),
      name,
      button("Restore", page.restore),
      button("Remove", page.unpin),
    );
  }

  // The table anew where its heads or rows are others, else only its cells.
  function fill(scene) {
    const rows = Comparison.rows(scene).map(({ label, unit, present, held, text }) => ({
      ...{ label, unit },
      cells: [present, ...held].map((value, i) => cell(value, i === 0 || text ? null : present)),
    }));
    const now = JSON.stringify([shown, rows.map(({ label, unit }) => [label, unit])]);
    if (now !== outline) {
      outline = now;
      at("comparison").replaceChildren(...table(scene, rows));
      return;
    }
    const written = at("comparison").tBodies[0].rows;
    rows.forEach(({ cells }, i) => cells.forEach((words, j) => write(written[i].cells[j + 1], words)));
  }

  // A value, and by how much it is above the present one, if that is given.
  function cell(value, present) {
    const words = typeof value === "string" ? value : Format.number(value);
    const difference = value === null || present === null ? NaN : value - present;
    return Number.isNaN(difference) ? words : `${words} (${Format.signed(difference)})`;
  }

  function table(scene, rows) {
    const head = scene.pins.map(({ letter, name }) =>
      element("th", { scope: "col", style: `--pin: var(--${letter})` }, element("b", {}, letter), ` ${name}`),
    );
    const row = ({ label, unit, cells }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, ...(unit ? [label, " ", element("small", {}, unit)] : [label])),
        ...cells.map((words) => element("td", {}, words)),
      );
    const corner = element("td", {}, "value (minus present)");
    return [
      element("thead", {}, element("tr", {}, corner, element("th", { scope: "col" }, "present"), ...head)),
      element("tbody", {}, ...rows.map(row)),
    ];
  }

  function payers(scene) {
    const details = at("who-pays");
    if (!details.open || scene.pins.length === 0) return;
    const found = Comparison.payers(scene);
    const table = details.querySelector("table");
    if (!found) {
      table.replaceChildren(
        element("caption", {}, "The pinned designs are of other problems, whose directions are others."),
      );
      return;
    }
    const head = ["direction", "present (nats)", ...found.pins.map(({ letter }) => `${letter} (nats)`)];
    table.replaceChildren(
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element(
        "tbody",
        {},
        ...found.rows.map(({ direction, cost, others }) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, String(direction)),
            ...[cost, ...others].map((value) => element("td", {}, Format.number(value))),
          ),
        ),
      ),
    );
  }

  return { install, show, payers };
})();
