// Excess risks of teacher and student at every rank, logarithmic as in lingauss.charts.risk_by_rank.
const RisksView = (() => {
  function figure({ answers, pins, wish, best }) {
    const { ranks, place, risks } = answers;
    const { teacher, student } = risks;
    const places = Parts.drawnPlaces(ranks.length, [place, best]);
    const x = places.map((p) => ranks[p]);
    const held = pins.filter((pin) => pin.answers.risks);
    const unseen = unseenOf(answers);
    const aim = { excess_risk: student, unseen_risk: unseen?.student }[wish.objective];
    const formula = aim === student ? "student_risk" : null;
    const [low, high] = Scale.logAround(
      [...student, teacher, ...(unseen ? [...unseen.student, unseen.teacher] : []), ...held.map((pin) => pin.answers.risks.student[pin.answers.place])],
      6,
    );
    const layers = [];
    if (aim && wish.tolerance > 0) {
      const least = Parts.least(aim);
      const limit = least * (1 + wish.tolerance);
      layers.push({
        kind: "area",
        x: [x[0], x[x.length - 1]],
        y: [limit, limit],
        under: [least, least],
        face: "bottleneck",
        name: `within ${Format.number(100 * wish.tolerance)} % of the best`,
        formula,
      });
    }
    return {
      x: Parts.rankAxis(answers.costs.spectrum),
      y: { label: "excess risk (squared label units)", low, high, log: true },
      layers: [
        ...layers,
        {
          kind: "line",
          x: [x[0], x[x.length - 1]],
          y: [teacher, teacher],
          colour: "ink",
          dash: "guide",
          width: 1.2,
          name: "teacher",
          formula: "teacher_risk",
        },
        {
          kind: "line",
          x,
          y: places.map((p) => Parts.finite(student[p])),
          step: true,
          colour: "bias",
          name: "student",
          formula: "student_risk",
        },
        ...(unseen ? unseenLines(x, unseen, places) : []),
        ...held.map((pin) =>
          Parts.pinnedLine(pin, Array.from(pin.answers.ranks), Array.from(pin.answers.risks.student), "student_risk"),
        ),
      ],
      marks: [
        ...held.map((pin) =>
          Parts.pinned(pin, pin.design.student_rank, pin.answers.risks.student[pin.answers.place], "student_risk"),
        ),
        ...(aim ? [Parts.best(ranks[best], aim[best], formula)] : []),
        Parts.present(ranks[place], student[place], "student_risk"),
      ],
    };
  }

  // Of subjects whose inputs are drawn, where they can be drawn with digits.
  const unseenOf = ({ unseen }) => (unseen && Number.isFinite(unseen.teacher) ? unseen : null);

  const unseenLines = (x, { teacher, student }, places) => [
    {
      kind: "line",
      x: [x[0], x[x.length - 1]],
      y: [teacher, teacher],
      colour: "quiet",
      dash: "dotted",
      width: 1.2,
      name: "teacher, unseen inputs",
    },
    {
      kind: "line",
      x,
      y: places.map((p) => Parts.finite(student[p])),
      step: true,
      colour: "bias",
      dash: "long",
      name: "student, unseen inputs",
    },
  ];

  function table({ answers, pins }) {
    const { teacher, student } = answers.risks;
    const { unseen } = answers;
    const drawn = unseen
      ? [
          ["student, unseen inputs (squared label units)", unseen.student],
          ["teacher, unseen inputs (squared label units)", unseen.teacher],
        ]
      : [];
    return Tables.byRank(
      answers,
      pins,
      [
        ["student (squared label units)", student],
        ["teacher (squared label units)", teacher],
        ...drawn,
      ],
      ["student (squared label units)", (held) => held.risks?.student],
    );
  }

  return {
    ...{ id: "risks", title: "Excess risk of teacher and student", figure, table },
    lacking: Quantities.byName.student_excess_risk.lacking,
    about: "How far predictions are from the truth at the training inputs, averaged over labels and drawn weights; where inputs are drawn from a population, also at unseen ones.",
  };
})();
