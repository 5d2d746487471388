// The page's state as the fragment of its address, and back. Only what differs from the start is written.
const Address = (() => {
  const LONGEST = 512; // directions of an own spectrum that an address holds

  const LEADING = "leading"; // directions, in the place of an order

  // Runs of directions, counted from 1: "1-20,24,21-23,25-64".
  function writeOrder(order) {
    const runs = [];
    for (const i of order) {
      const last = runs[runs.length - 1];
      if (last && last[1] === i - 1) last[1] = i;
      else runs.push([i, i]);
    }
    return runs.map(([from, to]) => (from === to ? from + 1 : `${from + 1}-${to + 1}`)).join(",");
  }

  function readOrder(text, size) {
    const order = text.split(",").flatMap((run) => {
      const [from, to = from] = run.split("-").map(Number);
      return to - from < size ? Array.from({ length: to - from + 1 }, (_, i) => from - 1 + i) : [];
    });
    const whole = order.length === size && new Set(order).size === size && order.every((i) => i >= 0 && i < size);
    return whole ? Int32Array.from(order) : null;
  }

  function writeDesign(parts, key, subject, design) {
    parts.set("subject", key);
    for (const { name } of Settings.list) {
      if (design[name] !== subject.design[name]) parts.set(name, String(design[name] ?? "prior"));
    }
    const order = design.order ? writeOrder(design.order) : LEADING;
    if (order !== (subject.design.order ? writeOrder(subject.design.order) : LEADING)) parts.set("order", order);
  }

  // Reads a design and says which parameters it could not use.
  function readDesign(parts, subjects, refused) {
    const keys = Object.keys(subjects);
    const asked = parts.get("subject");
    const key = keys.includes(asked) ? asked : keys[0];
    if (asked !== null && asked !== key) refused.push(`subject=${asked}`);
    const subject = subjects[key];
    const design = { order: null, ...subject.design };
    for (const { name, check } of Settings.list) {
      const text = parts.get(name);
      if (text === null) continue;
      const value = name === "floor" && text === "prior" ? null : Format.read(text);
      if (check(value, subject) === null) design[name] = value;
      else refused.push(`${name}=${text}`);
    }
    const text = parts.get("order");
    if (text !== null) {
      design.order = text === LEADING || subject.bins ? null : readOrder(text, subject.eigenvalues.length);
      if (text !== LEADING && !design.order) refused.push(`order=${text}`);
    }
    const objection = Settings.objection(subject, design);
    if (objection === null) return { key, design };
    refused.push(objection);
    return { key, design: { order: null, ...subject.design } };
  }

  function write(state, subjects, start) {
    const parts = new URLSearchParams();
    writeDesign(parts, state.key, subjects[state.key], state.design);
    const { objective, tolerance, budget } = state.wish;
    if (objective !== start.wish.objective) parts.set("objective", objective);
    if (tolerance !== start.wish.tolerance) parts.set("tolerance", String(tolerance));
    if (budget !== start.wish.budget) parts.set("budget", String(budget));
    if (state.axis.name !== start.axis.name) parts.set("axis", state.axis.name);
    if (state.axis.quantity !== start.axis.quantity) parts.set("quantity", state.axis.quantity);
    for (const pin of state.pins) {
      const inner = new URLSearchParams({ letter: pin.letter, name: pin.name });
      writeDesign(inner, pin.key, subjects[pin.key], pin.design);
      parts.append("pin", String(inner));
    }
    const { own } = subjects;
    const used = own && [state, ...state.pins].some(({ key }) => key === "own");
    if (used && own.eigenvalues.length <= LONGEST) parts.set("own", OwnSpectrum.toText(own));
    return `#${parts}`;
  }

  const KNOWN = [
    "subject",
    "order",
    "objective",
    "tolerance",
    "budget",
    "axis",
    "quantity",
    "pin",
    "own",
    ...Settings.list.map(({ name }) => name),
  ];

  // The state a fragment stands for, and what in it could not be used; that is left at the start.
  function read(fragment, subjects, start) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const refused = [...new Set(parts.keys())].filter((name) => !KNOWN.includes(name));
    let known = subjects;
    if (parts.has("own")) {
      const { subject, objection } = OwnSpectrum.fromText(parts.get("own"));
      if (subject) known = { ...subjects, own: subject };
      else refused.push(`own: ${objection}`);
    }
    const { key, design } = readDesign(parts, known, refused);
    const choose = (name, value, legal) => {
      const text = parts.get(name);
      if (text === null) return value;
      if (legal(text)) return typeof value === "string" ? text : Number(text);
      refused.push(`${name}=${text}`);
      return value;
    };
    const number = (text) => text.trim() !== "" && Number(text) >= 0 && Number.isFinite(Number(text));
    const wish = {
      objective: choose("objective", start.wish.objective, (text) => text in Quantities.objectives),
      tolerance: choose("tolerance", start.wish.tolerance, number),
      budget: choose("budget", start.wish.budget, (text) => number(text) && Number.isInteger(Number(text))),
    };
    const axis = {
      name: choose("axis", start.axis.name, (text) => text in Axes.byName),
      quantity: choose("quantity", start.axis.quantity, (text) => text in Quantities.byName),
    };
    const pins = [];
    for (const text of parts.getAll("pin").slice(0, Pins.LETTERS.length)) {
      const inner = new URLSearchParams(text);
      const letter =
        Pins.LETTERS.includes(inner.get("letter")) && !pins.some((pin) => pin.letter === inner.get("letter"))
          ? inner.get("letter")
          : Pins.free(pins);
      pins.push({
        letter,
        name: (inner.get("name") ?? letter).slice(0, Pins.LONGEST_NAME),
        ...readDesign(inner, known, refused),
      });
    }
    return { state: { key, design, wish, axis, pins }, subjects: known, refused };
  }

  return { write, read };
})();
