// What axe calls serious, as far as it concerns our pages: names, labels, landmarks, contrast, ids, tables.
() => {
  const faults = [], named = e => (e.getAttribute('aria-label') || e.title || e.innerText || e.value || '').trim();
  document.querySelectorAll('a[href],button').forEach(e => named(e) || faults.push('no name: ' + e.outerHTML.slice(0, 80)));
  document.querySelectorAll('select,input:not([type=hidden])').forEach(e => e.labels.length || faults.push('no label: ' + e.name));
  document.querySelectorAll('svg:not([aria-hidden]):not([aria-label])').forEach(() => faults.push('a drawing without words'));
  if (document.querySelectorAll('h1').length !== 1) faults.push('h1');
  if (document.querySelectorAll('main').length !== 1) faults.push('main');
  if (!document.documentElement.lang || !document.title) faults.push('language or title');
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => faults.push('twice: ' + id));
  document.querySelectorAll('th').forEach(e => e.scope || faults.push('th without scope'));
  const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                       return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                        if (!/, 0\)|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
  document.querySelectorAll('main *, header *').forEach(e => {
    const words = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!words || !e.checkVisibility() || e.closest('svg')) return;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faults.push('contrast ' + ((a + .05) / (b + .05)).toFixed(1) + ': ' + e.innerText.slice(0, 30));
  });
  return faults;
}
