/// The one stylesheet. Colour is never the only sign: letters and words say the same.
enum PageStyle {
  static let text = """
    :root { color-scheme: light dark; --bg: #fff; --fg: #1c2126; --quiet: #5b6570; --line: #d9dee4; --panel: #f5f7f9;
      --link: #0a58a8; --bad: #b3201a; --badbg: #fce6e4; --warn: #7d5300; --warnbg: #fff1cf; --ok: #1b7337; --okbg: #e3f4e7;
      --mark: #e8f0fb; }
    @media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #dde2e7; --quiet: #98a3ae; --line: #333a41;
      --panel: #1c2024; --link: #7db7f5; --bad: #ff8f85; --badbg: #43201e; --warn: #f0c36a; --warnbg: #3a2f14; --ok: #7fcf94;
      --okbg: #17331f; --mark: #1d2c40; } }
    * { box-sizing: border-box; }
    html { font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; background: var(--bg);
      color: var(--fg); -webkit-text-size-adjust: 100%; }
    body { margin: 0; }
    main { max-width: 80rem; margin: 0 auto; padding: .25rem 1rem 2rem; outline: 0; }
    body.matrix main, body.console main, body.matrix footer, body.console footer { max-width: none; }
    h1 { font-size: 1.4rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; line-height: 1.25; }
    h2 { font-size: 1.1rem; margin: 1.75rem 0 .35rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line);
      overflow-wrap: anywhere; }
    h3 { font-size: 1rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
    p, dl, ul, figure { margin: .35rem 0; }
    p, li, summary, .tag { overflow-wrap: anywhere; }
    a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
    a:focus-visible, summary:focus-visible, input:focus-visible, button:focus-visible, .log:focus-visible {
      outline: 2px solid var(--link); outline-offset: 2px; }
    code, pre, .strip { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace;
      font-size: .9rem; }
    .jump { position: absolute; left: -99rem; }
    .jump:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .25rem .5rem; z-index: 2; }
    nav { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: .5rem 1rem; border-bottom: 1px solid var(--line);
      background: var(--panel); }
    nav .name { font-weight: 700; }
    nav a { text-decoration: none; }
    nav a[aria-current] { color: inherit; font-weight: 600; border-bottom: 2px solid currentColor; }
    footer { max-width: 80rem; margin: 0 auto; padding: .5rem 1rem 2rem; color: var(--quiet); font-size: .85rem;
      border-top: 1px solid var(--line); }
    .quiet, .note, .place { color: var(--quiet); }
    .note, .place { font-size: .9rem; }
    .place { overflow-wrap: anywhere; margin: 0; }
    th .place, td .place { display: block; font-weight: 400; }
    .headline { font-size: 1.05rem; font-weight: 600; }
    .count { color: var(--quiet); font-weight: 400; }
    .reason { overflow-wrap: anywhere; }
    span.reason, span.splat { display: block; padding-left: 1.2rem; }
    .splat { color: var(--bad); overflow-wrap: anywhere; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono",
      monospace; font-size: .88rem; }
    .bad { color: var(--bad); } .warn { color: var(--warn); } .ok { color: var(--ok); }
    .tag { font-size: .75rem; font-weight: 600; border: 1px solid currentColor; border-radius: 3px; padding: 0 .3rem;
      vertical-align: .1em; color: var(--warn); }
    .counts { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem; margin: .75rem 0; }
    .counts a { display: block; padding: .25rem .6rem; border: 1px solid var(--line); border-radius: 4px; color: inherit;
      text-decoration: none; background: var(--panel); }
    .counts a:hover { border-color: currentColor; }
    .counts b { font-size: 1.15rem; }
    .counts .bad a { background: var(--badbg); } .counts .warn a { background: var(--warnbg); }
    .counts .ok a { background: var(--okbg); }
    .loud { border: 2px solid var(--bad); border-radius: 4px; padding: 0 .8rem .5rem; margin-top: 1rem; background: var(--badbg); }
    .loud h2 { border: 0; margin-top: .6rem; color: var(--bad); }
    section.loud .finding { border-color: var(--bad); }
    .finding { border-left: 3px solid var(--line); padding: .1rem 0 .1rem .8rem; margin: .8rem 0; }
    section.bad > .finding { border-color: var(--bad); } section.warn > .finding { border-color: var(--warn); }
    section.ok > .finding { border-color: var(--ok); }
    section.bad, section.warn, section.ok, section.quiet { color: inherit; }
    .finding h3 { margin: 0; }
    .finding > p { margin: .15rem 0; }
    dl { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; }
    dl > div { display: flex; gap: .4rem; max-width: 100%; }
    dt { color: var(--quiet); white-space: nowrap; } dt::after { content: ":"; }
    dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
    ul.plain { padding-left: 1.1rem; overflow-wrap: anywhere; }
    ul.lines { list-style: none; padding: 0; overflow-wrap: anywhere; }
    ul.lines > li { padding: .12rem 0; border-bottom: 1px solid var(--line); }
    ul.lines > li:last-child { border: 0; }
    .command { display: inline-block; background: var(--panel); border: 1px solid var(--line); border-radius: 3px;
      padding: .05rem .4rem; user-select: all; overflow-wrap: anywhere; max-width: 100%; }
    .strip { white-space: pre-wrap; overflow-wrap: anywhere; letter-spacing: .04em; line-height: 1.35; }
    .strip i, .strip a, .strip b { font-style: normal; text-decoration: none; font-weight: 600; }
    .strip .ok { color: var(--ok); font-weight: 400; }
    .strip .bad { color: var(--bad); background: var(--badbg); }
    .strip .warn { color: var(--warn); background: var(--warnbg); }
    .strip .quiet { color: var(--quiet); font-weight: 400; }
    .strip .cut { color: var(--link); }
    .strip a:hover { outline: 1px solid currentColor; }
    table { border-collapse: collapse; }
    th, td { text-align: left; vertical-align: top; padding: .22rem .9rem .22rem 0; }
    thead th { color: var(--quiet); font-weight: 600; font-size: .85rem; border-bottom: 1px solid var(--line); }
    tbody th { font-weight: 400; }
    td { overflow-wrap: anywhere; }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    @media (min-width: 40.01rem) { td[data-label="Night"], td[data-label="State"], td[data-label="Runs"],
      td[data-label="Sure to"], td[data-label="Verdict"] > .verdict, td[data-label="Seen"], td[data-label="First"],
      td[data-label="Last"], td[data-label="In"], td[data-label="Took"], td[data-label="Run"], td[data-label="Search"],
      td[data-label="Since last night"] { white-space: nowrap; } }
    .stack { width: 100%; } .stack tbody tr { border-bottom: 1px solid var(--line); }
    .stack tr.more { border-bottom: 1px solid var(--line); } .stack tr.more td { padding-left: 1.2rem; }
    tr:target, article:target { background: var(--mark); }
    .verdict { font-weight: 600; white-space: nowrap; }
    .scroll { overflow-x: auto; max-width: 100%; }
    .grid td, .grid th { padding: .08rem .8rem .08rem 0; }
    .grid tbody tr:hover { background: var(--panel); }
    .grid .strip, .strips .strip { white-space: pre; }
    .grid pre { margin: 0; letter-spacing: .04em; line-height: 1.1; font-weight: 400; }
    .grid th button { font: inherit; color: inherit; border: 0; background: none; padding: 0; cursor: pointer; }
    .grid th[aria-sort]::after { content: " \\2193"; }
    .grid tbody th { min-width: 11rem; max-width: 34rem; overflow-wrap: anywhere; }
    .grid .place { font-size: .78rem; line-height: 1.2; }
    .filter { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: center; margin: .5rem 0; }
    .filter[hidden] { display: none; }
    input { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: 3px;
      padding: .15rem .4rem; }
    .strips th { white-space: nowrap; padding-right: 1rem; color: var(--quiet); }
    details { margin: .35rem 0; } summary { cursor: pointer; color: var(--link); }
    pre.text { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); border: 1px solid var(--line);
      border-radius: 3px; padding: .5rem .7rem; margin: .35rem 0; max-height: 40rem; overflow: auto; }
    .log { border: 1px solid var(--line); border-radius: 3px; background: var(--panel); overflow-x: auto;
      margin-top: .5rem; }
    div.log pre { margin: 0; padding: .4rem 0; line-height: 1.35; min-width: min-content; width: max-content; }
    div.log pre > span { display: block; padding: 0 .8rem 0 0; }
    div.log pre a { display: inline-block; width: 4.6em; padding-right: .8em; text-align: right; color: var(--quiet);
      text-decoration: none; user-select: none; }
    div.log pre .s { background: var(--badbg); box-shadow: inset 3px 0 var(--bad); }
    div.log pre .b { background: var(--mark); box-shadow: inset 3px 0 var(--link); }
    div.log pre span:target { outline: 2px solid var(--link); outline-offset: -2px; }
    div.log pre .gap { color: var(--quiet); padding: .3rem 0 .3rem 5.4em; }
    figcaption { font-weight: 600; font-size: .95rem; overflow-wrap: anywhere; }
    svg.trend { display: block; width: 100%; max-width: 56rem; height: auto; }
    svg.trend .line { fill: none; stroke: var(--link); stroke-width: 1.5; }
    svg.trend .dot { fill: var(--link); } svg.trend .axis { stroke: var(--line); }
    svg.trend .cut { stroke: var(--bad); stroke-dasharray: 4 3; }
    svg.trend .level { stroke: var(--quiet); stroke-width: 1.5; }
    svg.trend text { fill: var(--quiet); font: 12px system-ui, sans-serif; } svg.trend text.cut { fill: var(--bad); stroke: none; }
    .posterior { font-size: .85rem; } .posterior th, .posterior td { vertical-align: middle; }
    .posterior td { padding: 0 1px; } .posterior td.n { padding-left: .6rem; } .posterior td span { display: block; width: .7rem;
      height: .9rem; background: var(--link); }
    .posterior .p0 span { opacity: .05; } .posterior .p1 span { opacity: .2; } .posterior .p2 span { opacity: .4; }
    .posterior .p3 span { opacity: .6; } .posterior .p4 span { opacity: .8; } .posterior .p5 span { opacity: 1; }
    @media (max-width: 40rem) {
      html { font-size: 14px; } main { padding: .1rem .7rem 1.5rem; } nav { padding: .4rem .7rem; gap: .1rem .8rem; }
      .stack, .stack tbody, .stack tr { display: block; width: 100%; } .stack thead { display: none; }
      .stack tr { padding: .3rem 0; } .stack td { display: inline-block; padding: 0 1rem 0 0; text-align: left; max-width: 100%; }
      .stack td:first-child { display: block; }
      .stack td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
      .stack td[data-label="Case"]::before, .stack td:empty { display: none; }
      .stack tr.more { padding-top: 0; } .stack tr.more td { padding-left: .6rem; }
      .grid tbody th { min-width: 9rem; max-width: 9rem; font-size: .85rem; }
      div.log pre a { width: 3.4em; } div.log pre { font-size: .75rem; }
    }
    @media print { nav, .jump, .filter { display: none; } main { max-width: none; } }

    """

  static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a58a8"/><path d="M4 3v10M11.5 3.5 5 8.5l6.5 4.5" fill="none" stroke="#fff" stroke-width="2"/></svg>

    """
}
