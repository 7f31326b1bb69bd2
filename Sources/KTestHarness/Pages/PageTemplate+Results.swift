extension PageTemplate {
  /// The matrix is one text for each row, so that a thousand tests stay readable and small.
  static let matrixText = """
    <p class="note">{{about}}</p>
    <form class="filter" hidden="hidden" role="search">
    <label>Filter <input type="search" name="filter" autocomplete="off" spellcheck="false" placeholder="part of a name or kernel"/></label>
    <label><input type="checkbox" name="bad"/> only what fails or is not tested</label>
    <span class="note" role="status"></span>
    </form>
    <div class="scroll">
    <table class="grid" data-sortable="yes">
    <thead>
    <tr><th scope="col" data-key="name">Test</th><th scope="col" data-key="flips" class="n">Flips</th><th scope="col" data-key="rate" class="n">Failed</th><th scope="col" class="dates"><pre>{{dates}}</pre></th></tr>
    </thead>
    <tbody>
    {{#rows}}
    <tr data-name="{{name}}" data-flips="{{flips}}" data-rate="{{rate}}"{{#isBad}} class="isbad"{{/isBad}}><th scope="row">{{link}}<span class="place">{{place}}</span></th><td class="n">{{flips}}</td><td class="n">{{share}}</td><td>{{strip}}</td></tr>
    {{/rows}}
    </tbody>
    </table>
    </div>

    """

  static let testText = """
    {{#parent}}<p class="note">{{parent}}</p>{{/parent}}
    {{#series}}
    <section>
    <h2>{{place}}</h2>
    <div class="scroll"><table class="strips"><tbody>
    {{#kernels}}<tr><th scope="row">{{name}}</th><td>{{strip}}</td></tr>
    {{/kernels}}
    </tbody></table></div>
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    {{#reproduce}}<p>To reproduce it: <code class="command">{{reproduce}}</code></p>{{/reproduce}}
    {{#plots}}
    <figure><figcaption>{{title}}</figcaption>{{plot}}{{#note}}<p class="note">{{note}}</p>{{/note}}</figure>
    {{/plots}}
    {{#hasFailures}}
    <h3>Failures, the newest first</h3>
    <ul class="lines">
    {{#failures}}<li><b class="bad">{{letter}}</b> {{run}} <span class="quiet">{{kernel}}</span>{{#reason}}<span class="reason">{{reason}}</span>{{/reason}}{{#splats}}<span class="splat">{{title}}</span>{{/splats}}</li>
    {{/failures}}
    </ul>
    {{/hasFailures}}
    </section>
    {{/series}}
    {{#hasSubtests}}
    <h2>Subtests that were named</h2>
    <p class="note">{{subtestNote}}</p>
    <ul class="lines">
    {{#subtests}}<li>{{strip}} {{name}} <span class="quiet">{{place}}</span></li>
    {{/subtests}}
    </ul>
    {{/hasSubtests}}

    """

  static let runText = """
    <p class="headline">{{headline}}</p>
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    <p>To repeat it: <code class="command">{{reproduce}}</code></p>
    {{#hasNotices}}
    <details><summary>Notices</summary><ul class="plain">
    {{#notices}}<li>{{text}}</li>
    {{/notices}}
    </ul></details>
    {{/hasNotices}}
    {{#suites}}
    <section>
    <h2>{{name}} <span class="quiet">on {{kernel}}</span> {{verdict}}</h2>
    <table class="stack">
    <thead><tr><th scope="col">Case</th><th scope="col">Verdict</th><th scope="col">Subtests</th><th scope="col" class="n">Time</th><th scope="col">Console</th></tr></thead>
    <tbody>
    {{#cases}}
    <tr id="{{anchor}}"><td data-label="Case">{{link}}</td><td data-label="Verdict">{{verdict}}</td><td data-label="Subtests">{{subtests}}</td><td data-label="Time" class="n">{{time}}</td><td data-label="Console">{{console}}</td></tr>
    {{#hasMore}}
    <tr class="more"><td colspan="5">
    {{#reason}}<p class="reason">{{reason}}</p>{{/reason}}
    {{#hasRemarks}}<ul class="plain">
    {{#remarks}}<li><b class="{{kind}}">{{letter}}</b> {{text}}</li>
    {{/remarks}}
    </ul>{{/hasRemarks}}
    {{#reproduce}}<p><code class="command">{{reproduce}}</code></p>{{/reproduce}}
    {{#hasOutput}}<details><summary>End of its output</summary>{{#outputs}}<pre class="text">{{text}}</pre>{{/outputs}}</details>{{/hasOutput}}
    {{#hasMetrics}}<details><summary>Metrics</summary><table class="numbers"><tbody>
    {{#metrics}}<tr><th scope="row">{{name}}</th><td class="n">{{value}}</td></tr>
    {{/metrics}}
    </tbody></table></details>{{/hasMetrics}}
    </td></tr>
    {{/hasMore}}
    {{/cases}}
    </tbody>
    </table>
    {{#hasAbsent}}<p class="note">Not on this kernel: {{absent}}</p>{{/hasAbsent}}
    </section>
    {{/suites}}
    {{#hasBoots}}
    <h2>Boots</h2>
    <table class="stack">
    <thead><tr><th scope="col">Boot</th><th scope="col">Suite and kernel</th><th scope="col">Verdict</th><th scope="col" class="n">Ready after</th><th scope="col">Console</th></tr></thead>
    <tbody>
    {{#boots}}<tr><td data-label="Boot">{{number}}</td><td data-label="Suite and kernel">{{what}}</td><td data-label="Verdict">{{verdict}}{{#reason}} <span class="reason">{{reason}}</span>{{/reason}}</td><td data-label="Ready after" class="n">{{ready}}</td><td data-label="Console">{{console}}</td></tr>
    {{/boots}}
    </tbody>
    </table>
    {{/hasBoots}}

    """

  static let consoleText = """
    <p class="headline">{{headline}}</p>
    <p class="note">{{about}}</p>
    {{#hasMarks}}
    <details{{#isShort}} open="open"{{/isShort}}><summary>Marked lines</summary><ul class="plain">
    {{#marks}}<li><a href="#L{{line}}">line {{line}}</a> <span class="{{kind}}">{{text}}</span></li>
    {{/marks}}
    </ul></details>
    {{/hasMarks}}
    <div class="log" role="log" aria-label="Console" tabindex="0"><pre>{{lines}}</pre></div>

    """

  static let hostsText = """
    <p class="note">A host is told by its processors and memory. It is suspect if the same tests on the same kind of kernel fail more often on it than on the others: one-sided Fisher p &lt; 0.05, at least three failures, at least five points more.</p>
    {{#hosts}}
    <section>
    <h2>{{name}} {{verdict}}</h2>
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    {{#hasTests}}
    <h3>Tests that fail more often here</h3>
    <table class="stack">
    <thead><tr><th scope="col">Test</th><th scope="col">Here</th><th scope="col">Elsewhere</th><th scope="col">By chance</th></tr></thead>
    <tbody>
    {{#tests}}<tr><td data-label="Test">{{name}}<span class="place">{{place}}</span></td><td data-label="Here">{{here}}</td><td data-label="Elsewhere">{{elsewhere}}</td><td data-label="By chance">{{chance}}</td></tr>
    {{/tests}}
    </tbody>
    </table>
    {{/hasTests}}
    </section>
    {{/hosts}}
    {{#hasNames}}
    <section id="names">
    <h2>Hosts by name</h2>
    <p class="note">What the hosts of <code>--on</code> were given. A host that is lost, and a case that could not be judged, say nothing about a kernel; by the same rule they say whether the host can be relied on.</p>
    <table class="stack">
    <thead><tr><th scope="col">Host</th><th scope="col">Groups run</th><th scope="col">Lost with</th><th scope="col">Cases not judged</th><th scope="col">Lost last, because</th></tr></thead>
    <tbody>
    {{#names}}<tr><td data-label="Host">{{name}} {{verdict}}</td><td data-label="Groups run">{{groups}}</td><td data-label="Lost with">{{lost}}</td><td data-label="Cases not judged">{{errors}}</td><td data-label="Lost last, because">{{reason}}</td></tr>
    {{/names}}
    </tbody>
    </table>
    </section>
    {{/hasNames}}

    """
}
