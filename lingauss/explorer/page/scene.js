// What views show of a state: the present design and the pinned ones with their numbers, the map, and the best rank.
const Scene = (() => {
  let last = new Map(); // of the scene before: subject and design → answers
  let mapped = { asked: "", map: null };

  const keyOf = (key, version, design) =>
    `${key} ${version} ${JSON.stringify(design, (_, value) => (value instanceof Int32Array ? Array.from(value) : value))}`;

  // Answers of the scene before are taken over where the design is the same.
  function of(state, subjects) {
    const version = subjects.own?.version ?? 0;
    const next = new Map();
    const answersTo = (key, design) => {
      const name = keyOf(key, version, design);
      const answers = last.get(name) ?? Answers.of(subjects[key], design);
      next.set(name, answers);
      return answers;
    };
    const { key, design, wish, axis } = state;
    const answers = answersTo(key, design);
    const pins = state.pins.map((pin) => ({
      ...pin,
      subject: subjects[pin.key],
      answers: answersTo(pin.key, pin.design),
    }));
    last = next;
    const scene = { key, subject: subjects[key], design, answers, pins, wish, axis };
    return { ...scene, map: mapOf(scene, version), best: bestPlace(scene) };
  }

  function mapOf({ key, subject, design }, version) {
    const { student_rank, label_noise, ...rest } = design;
    const asked = keyOf(key, version, rest);
    if (asked !== mapped.asked) mapped = { asked, map: MapView.compute(subject, design) };
    return mapped.map;
  }

  function bestPlace({ subject, design, answers, wish }) {
    const rank = Optimum.rank(subject, design, wish, answers);
    return Spectrum.place(Spectrum.of(subject, design), rank);
  }

  return { of };
})();
