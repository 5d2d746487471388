// Tables of numbers with a header, for the page and for CSV.
const Tables = (() => {
  // One row per rank: columns of the present design, then one of each pinned design.
  function byRank({ ranks }, pins, columns, [label, read]) {
    const held = pins.map((pin) => {
      const values = read(pin.answers);
      const spectrum = pin.answers.costs.spectrum;
      return [
        `${pin.letter}, ${pin.name}: ${label}`,
        (rank) => (values && Spectrum.shows(spectrum, rank) ? values[Spectrum.place(spectrum, rank)] : ""),
      ];
    });
    return {
      header: ["rank", ...columns.map(([name]) => name), ...held.map(([name]) => name)],
      rows: Array.from(ranks, (rank, place) => [
        rank,
        ...columns.map(([, values]) => (typeof values === "number" ? values : (values?.[place] ?? ""))),
        ...held.map(([, value]) => value(rank)),
      ]),
    };
  }

  return { byRank };
})();
