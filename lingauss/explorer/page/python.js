// Designs, comparisons and charts as Python that gives the same numbers through lingauss.
const Python = (() => {
  const number = (value) => (value === null ? "None" : String(value));
  const text = (words) => JSON.stringify(words);

  const array = (name, values) => `${name} = np.array([${Array.from(values, number).join(", ")}])`;

  // Observed labels enter through t alone. Where eigenvalues tie, each direction takes an output of its own, so that the
  // directions are found in the order in which they were given.
  function statistic(subject) {
    const s = subject.eigenvalues;
    let place = 0;
    const outputs = Array.from(s, (value, i) => {
      place = i > 0 && value === s[i - 1] ? place + 1 : 0;
      return Math.min(place, subject.outputs - 1);
    });
    return [
      `outputs = np.array([${outputs.join(", ")}])`,
      `statistic = np.zeros((${subject.outputs}, len(eigenvalues)))`,
      "statistic[outputs, np.arange(len(eigenvalues))] = eigenvalues * np.sqrt(signal)",
    ];
  }

  function problem(subject, design) {
    const noise = `label_noise=${number(design.label_noise)}`;
    const lines = [array("eigenvalues", subject.eigenvalues), array("signal", subject.signal)];
    if (subject.mode === "observed") {
      lines.push(
        ...statistic(subject),
        `problem = lg.Problem.from_gram(np.diag(eigenvalues), n_samples=${subject.n_samples}, ${noise})`,
        "problem = problem.with_statistic(statistic)",
      );
    } else {
      const size = `n_samples=${subject.n_samples}, ${noise}, outputs=${subject.outputs}`;
      lines.push(`problem = lg.Problem.from_spectrum(eigenvalues, signal, ${size})`);
    }
    if (design.n_samples !== subject.n_samples) lines.push(`problem = problem.with_samples(${design.n_samples})`);
    if (subject.intercept) lines.push("problem = dataclasses.replace(problem, intercept=True)");
    return lines;
  }

  function ridge(penalty, temperature, noise) {
    return `lg.Ridge(penalty=${number(penalty)}, temperature=${number(temperature)}, noise=${number(noise)})`;
  }

  function bottleneck({ order, student_rank }) {
    if (!order) return `lg.Principal(rank=${student_rank})`;
    return `lg.Selected([${Array.from(order.slice(0, student_rank)).join(", ")}])`;
  }

  // A long spectrum is not written out: `case` is the design that the page was made from.
  function changes(design, name) {
    const settings = ["student_rank", "label_noise", "temperature", "mixing", "floor", "draws", "n_samples"];
    settings.push(...["teacher", "student"].flatMap((who) => [`${who}_penalty`, `${who}_temperature`]));
    return [
      "# case: the design on which case.explore() was called",
      `${name} = case.replace(`,
      ...settings.map((setting) => `    ${setting}=${number(design[setting])},`),
      ")",
    ];
  }

  function build(subject, design, name) {
    if (subject.bins) return changes(design, name);
    return [
      ...problem(subject, design),
      `${name} = lg.Distillation(`,
      "    problem,",
      `    teacher=${ridge(design.teacher_penalty, design.teacher_temperature, design.teacher_noise)},`,
      `    student=${ridge(design.student_penalty, design.student_temperature, design.student_noise)},`,
      `    bottleneck=${bottleneck(design)},`,
      `    floor=${number(design.floor)},`,
      `    temperature=${number(design.temperature)},`,
      `    mixing=${number(design.mixing)},`,
      `    draws=${design.draws},`,
      ")",
    ];
  }

  const imports = (subjects) => [
    ...(subjects.some(({ intercept, bins }) => intercept && !bins) ? ["import dataclasses", ""] : []),
    ...["import numpy as np", "", "import lingauss as lg", ""],
  ];

  // The design with inputs that are drawn, from the population whose expected Gram matrix has the spectrum.
  function drawn(subject, design, rank = design.student_rank) {
    if (Quantities.byName.student_unseen_risk.lacking(subject) !== null) return [];
    const order = design.order ?? Array.from(subject.eigenvalues.keys());
    return [
      "population = lg.Problem.from_population(",
      `    eigenvalues / ${subject.n_samples},`,
      "    signal,",
      `    n_samples=${design.n_samples},`,
      `    label_noise=${number(design.label_noise)},`,
      `    outputs=${subject.outputs},`,
      ")",
      `drawn = case.replace(problem=population, bottleneck=lg.Selected([${Array.from(order.slice(0, rank)).join(", ")}]))`,
    ];
  }

  function snippet(subject, design) {
    const unseen = drawn(subject, design);
    return [
      ...[...imports([subject]), ...build(subject, design, "case"), "print(case.divergence())"],
      ...(unseen.length ? ["", "# on average over drawn inputs", ...unseen, "print(drawn.excess_risk())"] : []),
      "",
    ].join("\n");
  }

  // The present design and the pinned ones in one table.
  function comparison({ subject, design, pins }) {
    if (pins.length === 0) return snippet(subject, design);
    const names = ["present", ...pins.map(({ letter }) => `design_${letter.toLowerCase()}`)];
    const designs = [{ subject, design }, ...pins];
    const labels = ["present", ...pins.map(({ letter, name }) => `${letter}: ${name}`)];
    return [
      ...imports(designs.map((one) => one.subject)),
      ...designs.flatMap((one, i) => [...build(one.subject, one.design, names[i]), ""]),
      `designs = {${names.map((name, i) => `${text(labels[i])}: ${name}`).join(", ")}}`,
      "print(lg.compare(designs))",
      "",
    ].join("\n");
  }

  const COSTS = '("divergence", "bias", "variance", "rank_bottleneck")';
  const RISKS = '("student_excess_risk", "teacher_excess_risk")';

  function ranks({ design, subject }) {
    if (design.order) return `range(${design.student_rank + 1})`;
    if (!subject.bins) return `range(${subject.eigenvalues.length + 1})`;
    return `[${subject.bins.ranks.join(", ")}]`;
  }

  // How each view is made of a case.
  const charts = {
    ledger: (scene) => [
      `results = case.sweep(student_rank=${ranks(scene)}, quantities=${COSTS})`,
      "best = int(results.divergence.idxmin())",
      ["charts.ledger_by_rank(results, ax, best=best)"],
    ],
    map: (scene) => {
      const { noises } = scene.map;
      return [
        `noises = np.geomspace(${noises[0]}, ${noises[noises.length - 1]}, ${noises.length})`,
        `results = case.sweep(student_rank=${ranks(scene)}, label_noise=noises)`,
        'best = results.divergence.idxmin("student_rank")',
        [`charts.rank_noise_map(results, ax, best=best, at=${scene.design.label_noise})`],
      ];
    },
    directions: () => [["charts.ledger_by_direction(case.by_direction(), ax)"]],
    gaps: (scene) => [
      `results = lg.bound_curves(case, "student_rank", ${ranks(scene).replace("range(", "range(1, ").replace("[0, ", "[")})`,
      ['charts.bounds_and_truth(results, ax, families=["variance proxy", "sharpness", "mutual information"])'],
    ],
    risks: (scene) => [
      `results = case.sweep(student_rank=${ranks(scene)}, quantities=${RISKS})`,
      "best = int(results.student_excess_risk.idxmin())",
      ...unseenRanks(scene),
    ],
    axis: alongAxis,
  };

  function unseenRanks(scene) {
    const whole = scene.design.order ? scene.design.student_rank : scene.subject.eigenvalues.length;
    const unseen = drawn(scene.subject, scene.design, whole);
    const chart = "charts.risk_by_rank(results, ax, best=best)";
    if (unseen.length === 0) return [[chart]];
    return [
      ...unseen,
      `unseen = drawn.sweep(student_rank=${ranks(scene)}, quantities=${RISKS})`,
      [
        chart,
        'for learner, dash in (("student", "--"), ("teacher", ":")):',
        '    values = np.broadcast_to(unseen[f"{learner}_excess_risk"], unseen.student_rank.shape)',
        '    ax.plot(unseen.student_rank, values, dash, label=f"{learner}, unseen inputs")',
        "ax.legend()",
      ],
    ];
  }

  function alongAxis(scene) {
    const { name, quantity } = scene.axis;
    const { label, log } = Axes.byName[name];
    const { label: title, unit } = Quantities.byName[quantity];
    const xs = `[${Array.from(Axes.byName[name].points(scene.subject), number).join(", ")}]`;
    const draw = [
      `ax.plot(xs, values)`,
      `ax.set(xlabel=${text(label)}, ylabel=${text(`${title} (${unit})`)}, xscale=${text(log ? "log" : "linear")})`,
    ];
    if (name === "rounds") {
      return [
        `xs = ${xs}`,
        `values = lg.Chain(case, len(xs)).sweep(quantities=[${text(quantity === "student_excess_risk" ? "excess_risk" : quantity)}]).to_array()[0]`,
        draw,
      ];
    }
    const trained = { teacher_steps: "teacher", student_steps: "student" }[name];
    const before = [`xs = ${xs}`];
    if (trained) {
      const { design } = scene;
      const learner = `lg.NoisyGradientDescent(1, step_size=1 / (case.problem.eigenbasis.eigenvalues[0] + ${design[`${trained}_penalty`]}), penalty=${design[`${trained}_penalty`]}, temperature=${design[`${trained}_temperature`]}, noise=${number(design[`${trained}_noise`])})`;
      before.push(`case = case.replace(${trained}=${learner})`);
    }
    const unseen = { student_unseen_risk: "student_excess_risk", teacher_unseen_risk: "teacher_excess_risk" }[quantity];
    if (unseen) {
      const whole = name === "student_rank" ? scene.subject.eigenvalues.length : scene.design.student_rank;
      before.push(...drawn(scene.subject, scene.design, whole));
      return [...before, `values = drawn.sweep(${name}=xs, quantities=[${text(unseen)}])[${text(unseen)}]`, draw];
    }
    return [...before, `values = case.sweep(${name}=xs, quantities=[${text(quantity)}])[${text(quantity)}]`, draw];
  }

  // A view's chart, drawn by lingauss.charts or with its style.
  function chart(view, scene, width) {
    const steps = charts[view](scene);
    return [
      ...imports([scene.subject]).slice(0, -1),
      "from matplotlib import pyplot as plt",
      "",
      "from lingauss import charts",
      "",
      ...build(scene.subject, scene.design, "case"),
      ...steps.slice(0, -1),
      "with charts.style():",
      `    figure, ax = plt.subplots(figsize=(${width}, ${width <= 4 ? 2.5 : 3.5}))`,
      ...steps[steps.length - 1].map((line) => `    ${line}`),
      `    figure.savefig("lingauss-${view}.pdf")`,
      "",
    ].join("\n");
  }

  return { snippet, comparison, chart };
})();
