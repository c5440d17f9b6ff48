// Draws the charts of a report; on a narrow screen anew for its width, since a chart that is shrunk cannot be read.
const WIDEST_LABELS = 0.42; // share of a narrow chart that the names of its rows may take
const LETTER = 0.56; // width of a letter against the size of its type; a Chinese one takes all of it

function wrapped(text, room, size) {
  const lines = [];
  for (const given of [].concat(text || [])) {
    let line = "", wide = 0;
    for (const part of String(given).split(/(?<=[\s，。；：、])|(?<=[\u2e80-\uffef])/)) {
      let long = 0;
      for (const letter of part) long += size * (/[\u2e80-\uffef]/.test(letter) ? 1 : LETTER);
      if (line && wide + long > room) { lines.push(line.trim()); line = ""; wide = 0; }
      line += part; wide += long;
    }
    lines.push(line.trim());
  }
  return lines;
}

// Words of events stand where a wide chart has room for them; a narrow one lists them below its title.
function listed(spec) {
  const rows = layer => (layer.data && (layer.data.values || (spec.datasets || {})[layer.data.name])) || [];
  const words = layer => layer.encoding && (layer.encoding.text || {}).field === "label" && layer.encoding.y.scale === null;
  const said = spec.layer.filter(words).flatMap(layer => rows(layer).map(row => [row.t, row.label]));
  spec.layer = spec.layer.filter(layer => !words(layer));
  return said.sort().map(one => one[1]);
}

function fitted(spec, room) {
  const views = spec.concat || spec.hconcat || spec.vconcat;
  if (views) { spec.columns = 1; for (const view of views) view.width = Math.min(view.width, room - 70); }
  else if (typeof spec.width === "number" && spec.width + 40 > room) {
    spec.width = room;
    spec.autosize = {type: "fit-x", contains: "padding"};
  } else if (spec.width + 40 <= room) return spec;
  const config = spec.config = Object.assign({}, spec.config);
  config.axisY = Object.assign({}, config.axisY, {labelLimit: room * WIDEST_LABELS});
  config.axisX = Object.assign({}, config.axisX, {labelOverlap: true});
  config.legend = Object.assign({}, config.legend, {columns: room < 420 ? 2 : 4, labelLimit: room * WIDEST_LABELS});
  const title = typeof spec.title === "string" ? {text: spec.title} : Object.assign({}, spec.title);
  const events = spec.layer ? listed(spec) : [];
  title.text = wrapped(title.text, room, 14);
  title.subtitle = wrapped([].concat(title.subtitle || [], events.length ? events.join(" · ") : []), room, 11);
  spec.title = title;
  return spec;
}

function draw(place) {
  const room = place.clientWidth;
  const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
  const options = Object.assign({mode: "vega-lite", renderer: "svg", ast: true}, (spec.usermeta || {}).embedOptions);
  vegaEmbed(place, fitted(spec, room), options).then(() => {
    place.querySelector("summary")?.setAttribute("aria-label", place.dataset.save);
    for (const mark of place.querySelectorAll('[role="graphics-symbol"]:not([aria-label])')) mark.ariaHidden = "true";
  }).catch(fault => { place.textContent = String(fault); });
}

const places = [...document.querySelectorAll("div.chart")];
places.forEach(draw);
for (const edge of [480, 860]) {
  // Paper is narrow, too, but takes the drawing of the screen: nothing is drawn anew while it is printed.
  matchMedia(`(max-width:${edge}px)`).addEventListener("change", () => matchMedia("print").matches || places.forEach(draw));
}
