// Both gaps, and what bounds say about the student's.
const GapsView = (() => {
  // A band around the teacher's gap, drawn no wider than the figure.
  function figure({ answers, pins }) {
    const { ranks, place, gaps } = answers;
    const { teacher, student, proxy, sharpness, information } = gaps;
    const places = Parts.drawnPlaces(ranks.length, [place]);
    const x = places.map((p) => ranks[p]);
    const line = (read) => places.map((p) => Parts.finite(read(p)));
    const band = proxy ? [line((p) => teacher + proxy[p]), line((p) => teacher - proxy[p])] : null;
    const shown = [
      ...student,
      teacher,
      ...pins.flatMap((pin) => pin.answers.gaps?.student[pin.answers.place] ?? []),
    ].filter(Number.isFinite);
    const [least, most] = [Math.min(...shown), Math.max(...shown)];
    const size = most - Math.min(0, least) || 1;
    const reach = Math.min(1.2 * (proxy && Number.isFinite(proxy[place]) ? proxy[place] : 0), 6 * size);
    const [low, high] = Scale.around([Math.min(least, teacher - reach, 0), Math.max(most, teacher + reach)], 0.08);
    const flat = (value) => [
      [x[0], x[x.length - 1]],
      [value, value],
    ];
    const layers = [];
    if (band) {
      layers.push({
        kind: "area",
        x,
        y: band[0].map((y) => y ?? 1e290),
        under: band[1].map((y) => y ?? -1e290),
        face: "band",
        name: "within the variance proxy, √(2σ̄²K)",
        formula: "universal_bound",
        values: line((p) => proxy[p]),
      });
      for (const [side, y] of band.entries())
        layers.push({
          kind: "line",
          x,
          y,
          colour: "bias",
          width: 1.2,
          name: "variance proxy",
          legend: side === 0,
          formula: "universal_bound",
        });
      for (const sign of [1, -1])
        layers.push({
          kind: "line",
          x,
          y: line((p) => teacher + sign * sharpness[p]),
          colour: "variance",
          dash: "long",
          width: 1.2,
          name: "sharpness",
          legend: sign === 1,
          formula: "gap_gradient",
        });
      layers.push({
        kind: "line",
        x,
        y: line((p) => information[p]),
        colour: "ink",
        dash: "dotted",
        width: 1.2,
        name: "mutual information",
        formula: "weight_information",
      });
    }
    const [ends, level] = flat(teacher);
    layers.push({
      kind: "line",
      x: ends,
      y: level,
      colour: "ink",
      dash: "guide",
      width: 1.2,
      name: "exact, teacher",
      formula: "gap_teacher",
    });
    layers.push({
      kind: "line",
      x,
      y: line((p) => student[p]),
      colour: "ink",
      width: 2,
      name: "exact, student",
      formula: "gap_student",
    });
    const held = pins.filter((pin) => pin.answers.gaps);
    return {
      x: Parts.rankAxis(answers.costs.spectrum),
      y: { label: "gap (squared label units)", low, high },
      layers: [
        ...layers,
        ...held.map((pin) =>
          Parts.pinnedLine(pin, Array.from(pin.answers.ranks), Array.from(pin.answers.gaps.student), "gap_student"),
        ),
      ],
      marks: [
        ...held.map((pin) =>
          Parts.pinned(pin, pin.design.student_rank, pin.answers.gaps.student[pin.answers.place], "gap_student"),
        ),
        Parts.present(ranks[place], student[place], "gap_student"),
      ],
    };
  }

  function table({ answers, pins }) {
    const { teacher, student, proxy, sharpness, information } = answers.gaps;
    const beside = (width, sign) => width?.map((value) => teacher + sign * value);
    return Tables.byRank(
      answers,
      pins,
      [
        ["student", student],
        ["teacher", teacher],
        ["variance proxy lower", beside(proxy, -1)],
        ["variance proxy upper", beside(proxy, 1)],
        ["sharpness lower", beside(sharpness, -1)],
        ["sharpness upper", beside(sharpness, 1)],
        ["mutual information upper", information],
      ],
      ["student’s gap", (held) => held.gaps?.student],
    );
  }

  const note = (subject) =>
    subject.mode === "observed"
      ? `${Gap.noTruth.replace("this average", "the bounds’ average")} The gaps themselves are exact.`
      : "";

  return {
    ...{ id: "gaps", title: "Generalisation gap and its bounds", figure, table, note },
    lacking: (subject) => (subject.fixed_design ? null : Quantities.otherInputs),
    about: "Test loss minus training loss, exactly, and what bounds say about the student’s.",
  };
})();
