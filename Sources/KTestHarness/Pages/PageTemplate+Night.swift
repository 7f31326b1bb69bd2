extension PageTemplate {
  /// The morning after a night. What was not tested comes first.
  static let nightText = """
    {{#headline}}<p class="headline">{{headline}}</p>{{/headline}}
    <p class="note">{{about}}</p>
    {{#hasCounts}}
    <ul class="counts">
    {{#counts}}<li class="{{kind}}"><a href="#{{anchor}}"><b>{{count}}</b> {{word}}</a></li>
    {{/counts}}
    </ul>
    {{/hasCounts}}
    {{#isWhole}}<p class="ok">All that was planned was tested.</p>{{/isWhole}}
    {{#hasProblems}}
    <section id="untested" class="loud">
    <h2>Not tested</h2>
    <ul class="plain">
    {{#problems}}<li><b>{{what}}</b> {{name}}{{#kernel}} <span class="quiet">on {{kernel}}</span>{{/kernel}}{{#reason}}: {{reason}}{{/reason}}</li>
    {{/problems}}
    </ul>
    </section>
    {{/hasProblems}}
    {{#sections}}
    <section id="{{anchor}}" class="{{kind}}">
    <h2>{{title}} <span class="count">{{count}}</span></h2>
    <p class="note">{{note}}</p>
    {{#findings}}
    <article class="finding">
    <h3>{{name}}{{#isNews}} <span class="tag">new</span>{{/isNews}}{{#excuse}} <span class="tag">excused</span>{{/excuse}}</h3>
    <p class="place">{{place}}</p>
    {{#strip}}<p>{{strip}}</p>{{/strip}}
    {{#reason}}<p class="reason">{{reason}}</p>{{/reason}}
    {{#splats}}<p class="splat">{{title}}</p>{{/splats}}
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    {{#reproduce}}<p><code class="command">{{reproduce}}</code></p>{{/reproduce}}
    </article>
    {{/findings}}
    {{#hasLines}}
    <ul class="lines">
    {{#lines}}<li>{{strip}} {{name}} <span class="quiet">{{kernel}}{{#note}} · {{note}}{{/note}}</span></li>
    {{/lines}}
    </ul>
    {{/hasLines}}
    </section>
    {{/sections}}
    {{#hasMetrics}}
    <section id="metrics">
    <h2>Metrics that moved</h2>
    {{#metrics}}
    <article class="finding">
    <h3>{{name}} <span class="tag {{kind}}">{{word}}</span></h3>
    <p class="place">{{place}}</p>
    <p class="reason">{{measure}}</p>
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    {{#reproduce}}<p><code class="command">{{reproduce}}</code></p>{{/reproduce}}
    </article>
    {{/metrics}}
    </section>
    {{/hasMetrics}}
    {{#hasSearches}}
    <section id="searches">
    <h2>Searches</h2>
    {{#searches}}
    <article class="finding">
    <h3>{{name}} <span class="tag">{{state}}</span></h3>
    <p class="place">{{range}}</p>
    {{#answer}}<p class="reason">{{answer}}</p>{{/answer}}
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    </article>
    {{/searches}}
    </section>
    {{/hasSearches}}
    {{#hasDrills}}
    <section id="drills">
    <h2>Drills</h2>
    <p class="note">Known bugs that were planted, to see whether the night finds them.</p>
    <ul class="plain">
    {{#drills}}<li><b class="{{kind}}">{{result}}</b> {{name}} <span class="quiet">on {{kernel}}</span>; {{details}}</li>
    {{/drills}}
    </ul>
    </section>
    {{/hasDrills}}
    {{#hasLabs}}
    <section id="labs">
    <h2>Other labs</h2>
    {{#labs}}
    <article class="finding">
    <h3>{{name}}</h3>
    <p class="place">{{summary}}</p>
    <ul class="lines">
    {{#failures}}<li>{{name}} <span class="quiet">{{branch}}</span></li>
    {{/failures}}
    </ul>
    </article>
    {{/labs}}
    </section>
    {{/hasLabs}}
    {{#hasDifferences}}
    <section id="differences">
    <h2>Different from last night</h2>
    <table class="stack">
    <thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
    <tbody>
    {{#differences}}<tr><td data-label="What">{{what}}</td><td data-label="Before">{{before}}</td><td data-label="Now">{{now}}</td></tr>
    {{/differences}}
    </tbody>
    </table>
    </section>
    {{/hasDifferences}}
    {{#hasKernels}}
    <section id="kernels">
    <h2>Kernels</h2>
    <table class="stack">
    <thead><tr><th scope="col">Kernel</th><th scope="col">Release</th><th scope="col">Commit</th><th scope="col">Since last night</th></tr></thead>
    <tbody>
    {{#kernels}}<tr><td data-label="Kernel">{{name}}</td><td data-label="Release">{{release}}</td><td data-label="Commit">{{#commit}}<code>{{commit}}</code>{{/commit}}</td><td data-label="Since last night">{{change}}</td></tr>
    {{/kernels}}
    </tbody>
    </table>
    </section>
    {{/hasKernels}}
    {{#hasHosts}}
    <section id="hosts">
    <h2>Hosts</h2>
    <ul class="plain">
    {{#hosts}}<li>{{text}}</li>
    {{/hosts}}
    </ul>
    </section>
    {{/hasHosts}}
    {{#hasRuns}}
    <section id="runs">
    <h2>Runs <span class="count">{{runCount}}</span></h2>
    <ul class="lines">
    {{#runs}}<li>{{name}} <span class="quiet">{{about}}</span></li>
    {{/runs}}
    </ul>
    </section>
    {{/hasRuns}}

    """

  static let issueText = """
    <p class="headline">{{state}}</p>
    {{#excuse}}<p class="note">{{excuse}}</p>{{/excuse}}
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    <h2>Tests that show it</h2>
    <ul class="lines">
    {{#tests}}<li>{{strip}} {{name}} <span class="quiet">{{place}}</span></li>
    {{/tests}}
    </ul>
    <h2>Newest runs that show it</h2>
    <ul class="lines">
    {{#runs}}<li>{{name}} <span class="quiet">{{kernel}}{{#reason}} · {{reason}}{{/reason}}</span></li>
    {{/runs}}
    </ul>

    """

  static let searchText = """
    <p class="headline">{{headline}}</p>
    <dl>{{#facts}}<div><dt>{{title}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
    {{#hasNights}}
    <h2>Night by night</h2>
    <table class="stack">
    <thead><tr><th scope="col">Night</th><th scope="col">State</th><th scope="col">Runs</th><th scope="col">Sure to</th><th scope="col">Answer</th></tr></thead>
    <tbody>
    {{#nights}}<tr><td data-label="Night">{{night}}</td><td data-label="State">{{state}}</td><td data-label="Runs">{{runs}}</td><td data-label="Sure to">{{confidence}}</td><td data-label="Answer">{{answer}}</td></tr>
    {{/nights}}
    </tbody>
    </table>
    {{/hasNights}}
    {{#hasPosterior}}
    <h2>How the suspicion moved</h2>
    <p class="note">One column for each run of the search, one row for each commit that was ever likely; the shade is its probability, and the number the last one.</p>
    <div class="scroll">{{posterior}}</div>
    {{/hasPosterior}}
    {{#report}}
    <h2>Report</h2>
    <pre class="text">{{report}}</pre>
    {{/report}}
    {{#mail}}
    <h2>Draft of a mail</h2>
    <pre class="text">{{mail}}</pre>
    {{/mail}}

    """
}
