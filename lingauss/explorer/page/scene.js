// What views show of a state: the present design and the pinned ones with their numbers, the map, and the best rank.
const Scene = (() => {
  let known = new Map(); // subject and design, whatever its rank → answers; those of the scene before, and of what is tried
  let mapped = { asked: "", map: null };

  const keyOf = (key, version, design) =>
    `${key} ${version} ${JSON.stringify(design, (_, value) => (value instanceof Int32Array ? Array.from(value) : value))}`;

  const versionOf = (subjects) => subjects.own?.version ?? 0;

  // Answers are taken over where the design is the same but for its rank.
  function answersTo(subjects, key, design) {
    const { student_rank: _, ...rest } = design;
    const name = keyOf(key, versionOf(subjects), rest);
    if (!known.has(name)) known.set(name, Answers.of(subjects[key], design));
    return Answers.atRank(known.get(name), design);
  }

  function of(state, subjects) {
    const version = versionOf(subjects);
    const { key, design, wish, axis } = state;
    const answers = answersTo(subjects, key, design);
    const pins = state.pins.map((pin) => ({
      ...pin,
      subject: subjects[pin.key],
      answers: answersTo(subjects, pin.key, pin.design),
    }));
    const shown = new Set([answers, ...pins.map((pin) => pin.answers)].map(({ costs }) => costs));
    known = new Map([...known].filter(([, { costs }]) => shown.has(costs)));
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

  return { of, answersTo };
})();
