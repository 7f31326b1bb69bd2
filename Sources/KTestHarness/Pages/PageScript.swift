/// The one script: sorts and filters the matrix, and brings the first bad line of a console into view. Pages can be read
/// without it. What is chosen stands behind the `#` of the address, where a file on disk can have it too.
enum PageScript {
  static let text = """
    'use strict';
    (() => {
      const table = document.querySelector('table[data-sortable]');
      if (table) {
        const body = table.tBodies[0], rows = Array.from(body.rows), form = document.querySelector('form.filter');
        const input = form.elements.filter, bad = form.elements.bad, status = form.querySelector('[role=status]');
        const heads = Array.from(table.querySelectorAll('th[data-key]'));
        let sort = '';
        const shown = () => {
          const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
          let count = 0;
          for (const row of rows) {
            const text = row.cells[0].textContent.toLowerCase();
            const hidden = (bad.checked && !row.classList.contains('isbad')) || !words.every((word) => text.includes(word));
            row.hidden = hidden;
            if (!hidden) count += 1;
          }
          const place = (row) => rows.indexOf(row);
          const order = rows.slice().sort((a, b) =>
            sort === 'name' ? a.dataset.name.localeCompare(b.dataset.name)
              : sort ? Number(b.dataset[sort]) - Number(a.dataset[sort]) || place(a) - place(b) : place(a) - place(b));
          body.append(...order);
          for (const head of heads) {
            if (head.dataset.key === sort) head.setAttribute('aria-sort', sort === 'name' ? 'ascending' : 'descending');
            else head.removeAttribute('aria-sort');
          }
          status.textContent = count + ' of ' + rows.length + ' rows';
        };
        const read = () => {
          const wish = new URLSearchParams(location.hash.slice(1));
          input.value = wish.get('filter') || '';
          bad.checked = wish.has('bad');
          sort = heads.some((head) => head.dataset.key === wish.get('sort')) ? wish.get('sort') : '';
          shown();
        };
        const write = () => {
          const wish = new URLSearchParams();
          if (sort) wish.set('sort', sort);
          if (input.value) wish.set('filter', input.value);
          if (bad.checked) wish.set('bad', '1');
          history.replaceState(null, '', '#' + wish);
          shown();
        };
        form.hidden = false;
        form.addEventListener('submit', (event) => event.preventDefault());
        form.addEventListener('input', write);
        addEventListener('hashchange', read);
        for (const head of heads) {
          const button = document.createElement('button');
          button.type = 'button';
          button.append(...head.childNodes);
          button.addEventListener('click', () => { sort = sort === head.dataset.key ? '' : head.dataset.key; write(); });
          head.append(button);
        }
        addEventListener('keydown', (event) => {
          if (event.key === '/' && document.activeElement !== input) { event.preventDefault(); input.focus(); }
        });
        read();
      }
      const lines = document.querySelector('div.log');
      if (lines) {
        const marked = Array.from(lines.querySelectorAll('.s, .b'));
        const show = (line) => line && line.scrollIntoView({ block: 'center', inline: 'nearest' });
        if (!location.hash) show(document.getElementById('bad'));
        addEventListener('keydown', (event) => {
          if (event.key !== 'n' && event.key !== 'p' || event.ctrlKey || event.metaKey || event.altKey) return;
          const middle = innerHeight / 2;
          const at = (line) => line.getBoundingClientRect().top - middle;
          show(event.key === 'n' ? marked.find((line) => at(line) > 40) : marked.findLast((line) => at(line) < -40));
        });
      }
    })();

    """
}
