extension PageTemplate {
  /// What is around every page. Nothing is loaded from elsewhere, and only the two files beside the first page have any say.
  static let frameText = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <meta name="referrer" content="no-referrer"/>
    <title>{{title}} · ktest</title>
    <link rel="stylesheet" href="{{root}}ktest.css"/>
    <link rel="icon" type="image/svg+xml" href="{{root}}ktest.svg"/>
    <script src="{{root}}ktest.js" defer="defer"></script>
    </head>
    <body class="{{kind}}">
    <a class="jump" href="#main">To the content</a>
    <nav aria-label="Pages"><span class="name">ktest</span>{{#navigation}} <a href="{{path}}"{{#current}} aria-current="page"{{/current}}>{{name}}</a>{{/navigation}}</nav>
    <main id="main" tabindex="-1">
    <h1>{{title}}</h1>
    {{content}}
    </main>
    <footer><p>Times are in UTC. Results: <b class="ok">.</b> pass, <b class="bad">F</b> fail, <b class="bad">T</b> timeout, <b class="bad">C</b> crash, <b class="quiet">s</b> skip, <b class="quiet">k</b> known failure, <b class="warn">E</b> error of the harness; the newest is the last one.{{#json}} <a href="{{json}}">This page as JSON</a>{{/json}}</p></footer>
    </body>
    </html>

    """

  /// A table whose rows are cells that were made before: lists of runs, nights, issues and searches.
  static let listText = """
    {{#note}}<p class="note">{{note}}</p>{{/note}}
    {{#hasRows}}
    <table class="stack">
    <thead><tr>{{#columns}}<th scope="col">{{title}}</th>{{/columns}}</tr></thead>
    <tbody>
    {{#rows}}
    <tr>{{#cells}}<td data-label="{{label}}"{{#kind}} class="{{kind}}"{{/kind}}>{{value}}</td>{{/cells}}</tr>
    {{/rows}}
    </tbody>
    </table>
    {{/hasRows}}

    """
}
