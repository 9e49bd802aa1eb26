// page.js - the page of px view: live, from the socket of px, or saved, from what stands in the file itself.
'use strict';
const $ = id => document.getElementById(id);
const stage = $('stage'), picture = $('picture'), marks = $('marks');
const grouped = n => n.toLocaleString('en');
const hex = n => '0x' + (n >>> 0).toString(16).toUpperCase().padStart(8, '0');
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

let program = null, state = null, before = null, source = null;
let layer = 'picture', labels = true, slots = null;
const heats = { written: true, executed: true, read: true };   // what of the heat is shown
let zoom = 0, middle = [0, 0], fitted = true, cursor = 0, looked = null;
const shown = { frames: 0 };   // for whoever measures
window.shown = shown;

// ---- the picture, by WebGL: a texture that holds a window of the image, drawn where the window lies ----

const gl = picture.getContext('webgl', { alpha: false, antialias: false, preserveDrawingBuffer: true });
let texture = null, has = { x: 0, y: 0, w: 0, h: 0, across: 0, down: 0 }, place = null, mask = null, ground = null;

function shader(kind, text) {
  const s = gl.createShader(kind);
  gl.shaderSource(s, text);
  gl.compileShader(s);
  return s;
}

function beginPicture() {
  const made = gl.createProgram();
  gl.attachShader(made, shader(gl.VERTEX_SHADER, `attribute vec2 corner; uniform vec4 place; varying vec2 at;
    void main() { at = corner; gl_Position = vec4(place.xy + corner * place.zw, 0.0, 1.0); }`));
  // Heat: R written, G executed, B read where alpha is 1, else alpha is the pixel's grey. mask: what of it is shown; its
  // fourth is 0 for no heat, 1 for colours side by side, 2 for one count as warmth.
  gl.attachShader(made, shader(gl.FRAGMENT_SHADER, `precision mediump float; uniform sampler2D image; uniform vec4 mask; varying vec2 at;
    vec3 warm(float v) {
      float u = clamp((v - 0.25) / 0.75, 0.0, 1.0) * 4.0;
      vec3 a = mix(vec3(0.16, 0.04, 0.33), vec3(0.53, 0.13, 0.42), clamp(u, 0.0, 1.0));
      a = mix(a, vec3(0.87, 0.32, 0.22), clamp(u - 1.0, 0.0, 1.0));
      a = mix(a, vec3(0.99, 0.65, 0.04), clamp(u - 2.0, 0.0, 1.0));
      return mix(a, vec3(0.99, 1.0, 0.64), clamp(u - 3.0, 0.0, 1.0));
    }
    void main() {
      vec4 p = texture2D(image, at);
      vec3 h = p.rgb * mask.rgb;
      float most = max(h.r, max(h.g, h.b));
      vec3 c = p.rgb;
      if (mask.a > 0.5) {
        if (p.a < 0.999) c = vec3(0.05 + 0.22 * p.a);
        else if (most == 0.0) c = vec3(0.05);
        else c = mask.a > 1.5 ? warm(most) : h;
      }
      gl_FragColor = vec4(c, 1.0);
    }`));
  gl.linkProgram(made);
  gl.useProgram(made);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.enableVertexAttribArray(0);
  place = gl.getUniformLocation(made, 'place');
  mask = gl.getUniformLocation(made, 'mask');
  texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const [what, how] of [[gl.TEXTURE_MIN_FILTER, gl.NEAREST], [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]])
    gl.texParameteri(gl.TEXTURE_2D, what, how);
}

// A window's place and size; its tiles follow.
function takeWindow(w) {
  if (w.across !== has.across || w.down !== has.down)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, w.across, w.down, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
  has = w;
}

function takeTile(x, y, w, h, bytes) {
  gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, w, h, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
}

function drawPicture() {
  const [x, y] = toScreen(has.x, has.y), W = stage.clientWidth, H = stage.clientHeight;
  gl.viewport(0, 0, picture.width, picture.height);
  gl.clearColor(...ground, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
  if (!has.w) return;
  const shows = ['written', 'executed', 'read'].map(k => heats[k] ? 1 : 0), sum = shows[0] + shows[1] + shows[2];
  gl.uniform4f(mask, ...shows, has.layer !== 'heat' ? 0 : sum === 1 ? 2 : 1);
  gl.uniform4f(place, 2 * x / W - 1, 1 - 2 * y / H, 2 * has.w * zoom / W, -2 * has.h * zoom / H);
  gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
}

// ---- where what is ----

const toScreen = (x, y) => [(x - middle[0]) * zoom + stage.clientWidth / 2, (y - middle[1]) * zoom + stage.clientHeight / 2];
const toImage = (x, y) => [(x - stage.clientWidth / 2) / zoom + middle[0], (y - stage.clientHeight / 2) / zoom + middle[1]];
const clamp = (n, least, most) => Math.min(Math.max(n, least), most);

function fit() {
  zoom = Math.min((stage.clientWidth - 32) / program.w, (stage.clientHeight - 88) / program.h);
  if (zoom > 1) zoom = Math.floor(zoom);
  middle = [program.w / 2, program.h / 2];
  fitted = true;
  moved();
}

function zoomTo(to, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const [ix, iy] = toImage(x, y);
  fitted = false;
  zoom = clamp(to, Math.min(1, 200 / Math.max(program.w, program.h)), 64);
  middle = [ix - (x - stage.clientWidth / 2) / zoom, iy - (y - stage.clientHeight / 2) / zoom];
  moved();
}

function visible() {
  const [x, y] = toImage(0, 0), [ex, ey] = toImage(stage.clientWidth, stage.clientHeight);
  const from = [clamp(Math.floor(x), 0, program.w - 1), clamp(Math.floor(y), 0, program.h - 1)];
  const w = clamp(Math.ceil(ex), from[0] + 1, program.w) - from[0], h = clamp(Math.ceil(ey), from[1] + 1, program.h) - from[1];
  return { x: from[0], y: from[1], w, h, across: Math.min(w, Math.ceil(w * zoom), 1024), down: Math.min(h, Math.ceil(h * zoom), 768), layer };
}

let asked = '', due = false;
function moved() {
  middle = [clamp(middle[0], 0, program.w), clamp(middle[1], 0, program.h)];
  if (!due) {
    due = true;
    requestAnimationFrame(() => {
      due = false;
      const w = visible(), text = JSON.stringify(w);
      if (text !== asked) source.window(w);
      asked = text;
      draw();
    });
  }
}

function resize() {
  const dense = window.devicePixelRatio || 1;
  for (const c of [picture, marks]) {
    c.width = Math.max(1, Math.round(stage.clientWidth * dense));
    c.height = Math.max(1, Math.round(stage.clientHeight * dense));
  }
  const g = css('--stage').match(/[0-9a-f]{2}/gi);
  ground = g ? g.map(n => parseInt(n, 16) / 255) : [0.9, 0.9, 0.9];
  if (program && source) fitted ? fit() : moved();
}

// ---- marks over it: grid, labels, slots, pc, cursor ----

function box(c, at, colour, width) {
  const [x, y] = toScreen(at % program.w, Math.floor(at / program.w)), size = Math.max(zoom, 5), d = (size - zoom) / 2;
  c.strokeStyle = colour;
  c.lineWidth = width;
  c.strokeRect(x - d, y - d, size, size);
}

function drawGrid(c) {
  const [x, y] = toScreen(0, 0), [ex, ey] = toScreen(program.w, program.h);
  c.strokeStyle = 'rgba(128,128,128,.18)';
  c.lineWidth = 1;
  c.beginPath();
  for (let i = Math.max(x, x % zoom); i <= Math.min(ex, stage.clientWidth); i += zoom) { c.moveTo(i, Math.max(y, 0)); c.lineTo(i, ey); }
  for (let j = Math.max(y, y % zoom); j <= Math.min(ey, stage.clientHeight); j += zoom) { c.moveTo(Math.max(x, 0), j); c.lineTo(ex, j); }
  c.stroke();
}

function tag(c, taken, text, at, colour) {
  let [x, y] = toScreen(at % program.w, Math.floor(at / program.w));
  if (x < 0 || y < 0 || x > stage.clientWidth || y > stage.clientHeight) return;
  const w = c.measureText(text).width + 8;
  y = Math.max(y - 17, 2);
  if (taken.some(t => x < t[0] + t[2] && t[0] < x + w && Math.abs(t[1] - y) < 17)) return;
  taken.push([x, y, w]);
  c.globalAlpha = .88;
  c.fillStyle = css('--paper');
  c.fillRect(x, y, w, 16);
  c.globalAlpha = 1;
  c.fillStyle = colour;
  c.fillText(text, x + 4, y + 12);
}

// A run of pixels as the outline of the rows that it has.
function outline(c, at, count) {
  const W = program.w, [x0, y0] = [at % W, Math.floor(at / W)], last = at + count - 1, [x1, y1] = [last % W + 1, Math.floor(last / W) + 1];
  const points = y1 - y0 === 1 ? [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    : [[x0, y0], [W, y0], [W, y1 - 1], [x1, y1 - 1], [x1, y1], [0, y1], [0, y0 + 1], [x0, y0 + 1]];
  c.beginPath();
  for (const [x, y] of points) c.lineTo(...toScreen(x, y));
  c.closePath();
}

const statusColours = { RUNNING: '#2ea043', WAITING: '#2f81f7', HALTED: '#8b949e', TRAPPED: '#e5534b' };
const slotEnd = s => s.image + s.w * s.h;
const slotOf = at => slots && slots.find(s => at >= s.at && at < slotEnd(s));
const slotText = s => `slot at ${s.at}   ${s.w} x ${s.h}   ${s.status.toLowerCase()} at pc ${s.pc}   ${s.instruction || ''}`;
let slotMarked = null;

function drawSlots(c) {
  for (const s of slots) {
    outline(c, s.at, slotEnd(s) - s.at);
    c.strokeStyle = c.fillStyle = statusColours[s.status];
    c.lineWidth = s.at === slotMarked ? 2.5 : 1;
    c.stroke();
    c.globalAlpha = s.at === slotMarked ? .35 : .12;
    c.fill();
    c.globalAlpha = 1;
  }
}

function draw() {
  if (!program || !zoom) return;
  drawPicture();
  const dense = marks.width / stage.clientWidth, c = marks.getContext('2d'), taken = [];
  c.setTransform(dense, 0, 0, dense, 0, 0);
  c.clearRect(0, 0, stage.clientWidth, stage.clientHeight);
  c.font = '11px system-ui, sans-serif';
  if (zoom >= 20) drawGrid(c);
  if (slots) drawSlots(c);
  if (labels)
    for (const n of program.names) tag(c, taken, n.name, n.at, n.code ? css('--mark') : css('--ink'));
  if (state && state.pc < program.w * program.h) box(c, state.pc, css('--stop'), 2);
  box(c, cursor, css('--mark'), 1.5);
}

// ---- beside it ----

function row(parent, kind, ...parts) {
  const e = document.createElement(kind);
  for (const [tagName, text] of parts) {
    const p = document.createElement(tagName);
    p.textContent = text;
    e.append(p);
  }
  parent.append(e);
  return e;
}

// What has not changed is left as it is: a frame comes many times a second.
function changed(what, value) {
  const text = JSON.stringify(value);
  if (changed[what] === text) return false;
  changed[what] = text;
  return true;
}

function showCode() {
  const code = $('code'), part = $('code-part');
  if (!changed('code', [state.code, state.pc])) return;
  code.textContent = '';
  for (const i of state.code) {
    if (i.label) row(code, 'div', ['span', i.label + ':']).className = 'label';
    const e = row(code, 'button', ['i', ''], ['b', i.at], ['span', i.text]);
    e.className = (i.break ? 'stops ' : '') + (i.at === state.pc ? 'here' : '');
    e.title = i.break ? 'Delete this breakpoint' : 'Stop here';
    e.disabled = !source.live;
    e.onclick = () => source.ask(i.break ? 'delete ' + i.break : 'break ' + i.at);
  }
  const here = code.querySelector('.here');
  if (here) part.scrollTop = here.offsetTop - part.clientHeight / 2;
}

function showRegisters() {
  const all = $('registers');
  const was = before ? before.registers : state.registers;
  if (!changed('registers', [state.registers, was, state.pc, state.vl])) return;
  all.textContent = '';
  const add = (name, value, changed) => {
    const e = row(all, 'button', ['span', name], ['b', value]);
    e.className = changed ? 'changed' : '';
    e.title = value + (source.live ? ': set it' : '');
    e.onclick = () => source.live && write(`set ${name} = ${value}`);
  };
  add('pc', String(state.pc), false);
  add('vl', String(state.vl), before && before.vl !== state.vl);
  state.registers.forEach((value, n) => {
    if (value || was[n] !== value) add('r' + n, hex(value), was[n] !== value);
  });
}

// ---- the console: a terminal of 80 x 24, as far as ECMA-48 is used by those who print ----

const terminal = (() => {
  const W = 80, H = 24, KEPT = 400;
  let lines, x, y, strong, turned, hidden, kept, parsed, element = null;
  const blank = () => ({ c: [], s: [], fresh: true, e: null });
  const top = () => Math.max(0, lines.length - H);
  const touch = () => { line().fresh = true; };
  function line() {
    while (lines.length <= top() + y && lines.length < H) lines.push(blank());
    return lines[top() + y];
  }
  function reset() {
    lines = [blank()];
    [x, y, strong, turned, hidden, kept, parsed] = [0, 0, false, false, false, [0, 0], ''];
    if (element) element.textContent = '';
  }
  function down() {
    touch();
    if (y < H - 1) { y++; line(); return; }
    lines.push(blank());
    for (; lines.length > KEPT; lines.shift()) if (lines[0].e) lines[0].e.remove();
  }
  function put(c) {
    if (x === W) { x = 0; down(); }
    const l = line();
    while (l.c.length < x) { l.c.push(' '); l.s.push(0); }
    l.c[x] = c;
    l.s[x++] = (strong ? 1 : 0) | (turned ? 2 : 0);
    l.fresh = true;
  }
  function cut(l, from, to) {
    for (let i = from; i < to && i < l.c.length; i++) { l.c[i] = ' '; l.s[i] = 0; }
    if (to >= l.c.length) { l.c.length = Math.min(l.c.length, from); l.s.length = l.c.length; }
    l.fresh = true;
  }
  function erase(n) {
    const from = n === 0 ? y + 1 : 0, to = n === 1 ? y : H;
    for (let i = from; i < to && top() + i < lines.length; i++) cut(lines[top() + i], 0, W);
  }
  function go(to, row) {
    touch();
    [x, y] = [clamp(to, 0, W - 1), clamp(row, 0, H - 1)];
    line();
    touch();
  }
  function control(final, text) {
    const n = text.replace(/^[?>]/, '').split(';').map(Number), one = n[0] || 1, l = line();
    touch();
    if (final === 'A') go(x, y - one);
    else if (final === 'B') go(x, y + one);
    else if (final === 'C') go(x + one, y);
    else if (final === 'D') go(x - one, y);
    else if (final === 'G') go(one - 1, y);
    else if (final === 'd') go(x, one - 1);
    else if (final === 'H' || final === 'f') go((n[1] || 1) - 1, one - 1);
    else if (final === 'K') cut(l, n[0] ? 0 : x, n[0] === 1 ? x + 1 : W);
    else if (final === 'J') { erase(n[0]); if (n[0] < 2) cut(l, n[0] ? 0 : x, n[0] ? x + 1 : W); }
    else if (final === 'P') { l.c.splice(x, one); l.s.splice(x, one); }
    else if (final === '@') for (let i = 0; i < one && x < l.c.length; i++) { l.c.splice(x, 0, ' '); l.s.splice(x, 0, 0); }
    else if (final === 's') kept = [x, y];
    else if (final === 'u') go(...kept);
    else if (final === 'm') for (const k of n) { if (k === 0) strong = turned = false; if (k === 1) strong = true; if (k === 7) turned = true; if (k === 22) strong = false; if (k === 27) turned = false; }
    else if ((final === 'h' || final === 'l') && text === '?25') hidden = final === 'l';
  }
  function write(text) {
    const all = parsed + text;
    parsed = '';
    for (const c of all) {
      if (c === '\x1b') parsed = c;
      else if (parsed === '\x1b') {
        if (c === '7') kept = [x, y];
        if (c === '8') go(...kept);
        parsed = c === '[' ? parsed + c : '';
      } else if (parsed !== '') {
        if (c < '@') parsed += c;
        else { control(c, parsed.slice(2)); parsed = ''; }
      } else if (c === '\n') { x = 0; down(); touch(); }
      else if (c === '\r') go(0, y);
      else if (c === '\b') go(x - 1, y);
      else if (c === '\t') go((x >> 3) + 1 << 3, y);
      else if (c >= ' ') put(c);
    }
  }
  function fill(l, cursor) {
    l.e.textContent = '';
    const width = cursor ? Math.max(l.c.length, x + 1) : l.c.length;
    for (let i = 0, j; i < width; i = j) {
      const kind = k => (l.s[k] || 0) | (cursor && k === x ? 4 : 0);
      for (j = i + 1; j < width && kind(j) === kind(i);) j++;
      const span = document.createElement('span'), k = kind(i);
      span.textContent = Array.from({ length: j - i }, (_, n) => l.c[i + n] || ' ').join('');
      span.className = [k & 1 && 'strong', k & 2 && 'turned', k & 4 && 'cursor'].filter(Boolean).join(' ');
      l.e.append(span);
    }
    l.fresh = false;
  }
  function show(e) {
    element = e;
    const low = e.scrollTop + e.clientHeight >= e.scrollHeight - 8, current = line();
    for (const l of lines) {
      if (!l.e) { l.e = document.createElement('div'); l.e.append(''); e.append(l.e); }
      if (l.fresh) fill(l, l === current && !hidden);
    }
    if (low) e.scrollTop = e.scrollHeight;
  }
  reset();
  return { reset, write, show, text: () => lines.map(l => l.c.join('').trimEnd()).join('\n') };
})();

function showConsole(s) {
  if (s.again) terminal.reset();
  if (s.console) $('console-part').hidden = false;
  if (!s.console && !s.again) return;
  terminal.write(s.console);
  terminal.show($('console'));
}

let scrubbing = false;
function showState(s) {
  if (!state || s.count !== state.count || s.furthest < state.furthest) before = state;
  state = s;
  document.body.dataset.count = s.count;
  document.body.dataset.running = s.running;
  $('state').textContent = s.running ? 'Running' : s.text;
  $('count').textContent = grouped(s.count) + (s.count < s.furthest ? ' of ' + grouped(s.furthest) : '');
  $('time').max = s.furthest;
  if (!scrubbing) $('time').value = s.count;
  $('run-icon').setAttribute('d', s.running ? 'M4 2h3v12H4zM9 2h3v12H9z' : 'M4 2v12l10-6z');
  $('run').setAttribute('aria-label', s.running ? 'Pause' : 'Run');
  showCode();
  showRegisters();
  showConsole(s);
  $('console-part').classList.toggle('bytes', s.bytes === true);
  $('typed').hidden = !program.host || s.bytes === true;
  $('display-part').hidden = !s.displays;
  if (layer === 'heat') showLegend();
}

function showLegend() {
  const legend = $('legend'), kinds = [['executed', 0x00ff00, 1], ['read', 0x4040ff, 2], ['written', 0xff0000, 0]];
  legend.hidden = layer === 'picture';
  if (legend.hidden || !changed('legend', [layer, heats, state && layer === 'heat' && state.most])) return;
  legend.textContent = '';
  if (layer === 'heat' && !program.heat) return void (legend.textContent = 'This executor does not count; ref and fast do.');
  if (layer === 'classes')
    for (const c of program.classes) row(legend, 'span', ['i', ''], ['span', c.name]).firstChild.style.background = hue(c.colour);
  else
    for (const [name, colour, k] of kinds) {
      const most = state && state.most && state.most[k], e = row(legend, 'button', ['i', ''], ['span', name], ['b', most ? 'to ' + grouped(most) : '']);
      e.firstChild.style.background = hue(colour);
      e.title = heats[name] ? 'Leave it out' : 'Show it';
      toggle(e, heats[name]);
      e.onclick = () => { heats[name] = !heats[name]; showLegend(); draw(); };
    }
  if (layer === 'heat' && kinds.filter(k => heats[k[0]]).length === 1) row(legend, 'span').className = 'ramp';
}

const hue = colour => '#' + colour.toString(16).padStart(6, '0');

function showPixel(p) {
  const [x, y] = [p.look % program.w, Math.floor(p.look / program.w)], b = [0, 8, 16, 24].map(k => p.pixel >>> k & 255);
  const counts = p.executed === undefined ? '' : `   executed ${grouped(p.executed)}, read ${grouped(p.read)}, written ${grouped(p.written)}`;
  const s = slotOf(p.look), inside = s ? '\n' + slotText(s) + (p.look < s.image ? '' : `   its pixel ${p.look - s.image}, (${(p.look - s.image) % s.w},${Math.floor((p.look - s.image) / s.w)})`) : '';
  $('pixel').textContent = `${p.look}  (${x},${y})   ${hex(p.pixel)}   bytes ${b.join(' ')}   ${p.instruction}${p.near ? '   ' + p.near : ''}${counts}${inside}`;
}

function showAnswer(a) {
  const wrong = a.ok === false;
  $('answer').textContent = (wrong ? a.error : (a.text || a.why || '').trim().split('\n').slice(-1)[0] || '').trim();
  $('answer').title = wrong ? a.error : a.text || '';
  $('answer').className = wrong ? 'wrong' : '';
}

function showDisplay(w, h, bytes) {
  const d = $('display');
  $('display-part').hidden = false;
  if (d.width !== w || d.height !== h) { d.width = w; d.height = h; }
  const opaque = new Uint8ClampedArray(bytes);
  for (let i = 3; i < opaque.length; i += 4) opaque[i] = 255;
  d.getContext('2d').putImageData(new ImageData(opaque, w, h), 0, 0);
}

function drawTile(canvas, rows) {
  const w = rows.length ? rows[0].length / 6 : 1, image = new ImageData(w, Math.max(rows.length, 1));
  rows.forEach((text, y) => {
    for (let x = 0; x < w; x++) {
      const c = parseInt(text.slice(6 * x, 6 * x + 6), 16);
      image.data.set([c >> 16, c >> 8 & 255, c & 255, 255], 4 * (y * w + x));
    }
  });
  canvas.width = w;
  canvas.height = image.height;
  canvas.getContext('2d').putImageData(image, 0, 0);
}

// Machines in slots: their pictures, and where they stand. A tile stays the same element while its slot is there.
const tileOf = new Map();
function showSlots(list) {
  const tiles = $('tiles');
  slots = list;
  tiles.hidden = false;
  toggle($('slots'), true);
  for (const [at, e] of tileOf) if (!list.some(s => s.at === at)) { e.remove(); tileOf.delete(at); }
  for (const s of list) {
    let e = tileOf.get(s.at);
    if (!e) {
      e = row(tiles, 'button', ['canvas', ''], ['span', String(s.at)], ['i', ''], ['span', '']);
      tileOf.set(s.at, e);
      e.onclick = () => { setCursor(s.image); zoomTo(clamp(stage.clientWidth / Math.min(s.w, program.w), 1, 16)); centre(); };
      const mark = on => { slotMarked = on ? s.at : null; $('pixel').textContent = on ? e.title : ''; draw(); };
      e.onmouseenter = e.onfocus = () => mark(true);
      e.onmouseleave = e.onblur = () => mark(false);
    }
    e.title = slotText(s);
    drawTile(e.children[0], s.tile);
    e.children[2].style.background = statusColours[s.status];
    e.children[3].textContent = 'pc ' + s.pc;
  }
  draw();
}

// ---- live ----

function live() {
  const socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/[^/]*$/, '') + 'socket', 'px-view');
  const say = text => socket.readyState === 1 && socket.send(text);
  let wanted = null, under = false, going = null, goes = false, slotsAsked = false, slotsAt = 0;
  const askSlots = () => { slotsAsked = true; say('slots'); };
  socket.binaryType = 'arraybuffer';

  const frame = data => {
    const n = new Uint32Array(data, 0, 11), tiles = n[10], [x, y, w, h, across, down] = n.slice(2, 8);
    let at = 44 + (n[1] + 3 & ~3);
    const told = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 44, n[1])));
    takeWindow({ x, y, w, h, across, down, layer: told.layer });
    for (let i = 0; i < tiles; i++) {
      const where = new Uint32Array(data, at, 1)[0], tx = where & 0xFFFF, ty = where >>> 16;
      const tw = Math.min(64, across - tx), th = Math.min(64, down - ty);
      takeTile(tx, ty, tw, th, new Uint8Array(data, at + 4, tw * th * 4));
      at += 4 + tw * th * 4;
    }
    if (n[8]) showDisplay(n[8], n[9], new Uint8Array(data, at, n[8] * n[9] * 4));
    showState(told);
    if (slots && !slotsAsked && performance.now() > slotsAt + 400) askSlots();
    requestAnimationFrame(() => { draw(); shown.frames++; say('had'); });
  };
  const answered = a => {
    if (a.program !== undefined) begin(a);
    else if (a.look !== undefined) { under = false; showPixel(a); if (wanted !== null) look(wanted); }
    else if (a.slots) { slotsAsked = false; slotsAt = performance.now(); if (wantSlots) showSlots(a.slots); }
    else {
      if (/^goto/.test(a.command)) { goes = false; if (going !== null) go(going); }
      showAnswer(a);
    }
  };
  const look = at => {
    wanted = under ? at : null;
    if (!under) { under = true; say('look ' + at); }
  };
  const go = count => {
    going = goes ? count : null;
    if (!goes) { goes = true; say('do goto ' + count); }
  };
  socket.onmessage = e => typeof e.data === 'string' ? answered(JSON.parse(e.data)) : frame(e.data);
  socket.onclose = () => {
    $('state').textContent = 'px has ended, or has closed this page';
    document.body.dataset.closed = 'true';
  };
  return {
    live: true, look, go,
    window: w => say(`window ${w.x} ${w.y} ${w.w} ${w.h} ${w.across} ${w.down} ${w.layer}`),
    ask: words => say('do ' + words),
    pause: () => say('pause'),
    slots: askSlots,
    key: (code, down) => say(`key ${code} ${down ? 1 : 0}`),
    pointer: (x, y, buttons) => say(`pointer ${x} ${y} ${buttons}`),
  };
}

// ---- saved ----

async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer());
}

async function saved(data) {
  const pixels = new Uint32Array((await inflated(data.picture)).buffer), heat = data.heat ? new Uint32Array((await inflated(data.heat)).buffer) : null;
  const code = new Map(data.ran.map(r => [r[0], r]));
  let frame = null, last = null;
  const colour = at => {
    const p = pixels[at];
    if (last.layer === 'heat' && heat) return heat[at];
    if (last.layer === 'classes') return code.has(at) ? swap(code.get(at)[3]) : (p & 0xFF) / 5 | ((p >>> 8 & 0xFF) / 5 | 0) << 8 | ((p >>> 16 & 0xFF) / 5 | 0) << 16;
    return p;
  };
  const swap = c => c >>> 16 | c & 0xFF00 | (c & 0xFF) << 16;
  const show = w => {
    last = w;
    const out = new Uint32Array(w.across * w.down);
    for (let j = 0; j < w.down; j++)
      for (let i = 0; i < w.across; i++) {
        const x = w.x + Math.floor(i * w.w / w.across), y = w.y + Math.floor(j * w.h / w.down);
        out[j * w.across + i] = frame ? frame.pixels[Math.floor(y * frame.h / program.h) * frame.w + Math.floor(x * frame.w / program.w)] : colour(y * program.w + x);
      }
    takeWindow({ ...w, layer: frame ? 'picture' : w.layer });
    takeTile(0, 0, w.across, w.down, new Uint8Array(out.buffer));
    draw();
  };
  const strip = $('strip');
  for (const f of data.frames) {
    f.pixels = new Uint32Array((await inflated(f.pixels)).buffer);
    const c = document.createElement('canvas'), e = document.createElement('button');
    c.width = f.w;
    c.height = f.h;
    const opaque = new Uint8ClampedArray(f.pixels.buffer.slice(0));
    for (let i = 3; i < opaque.length; i += 4) opaque[i] = 255;
    c.getContext('2d').putImageData(new ImageData(opaque, f.w, f.h), 0, 0);
    e.title = e.ariaLabel = 'after ' + grouped(f.count) + ' instructions';
    e.onclick = () => source.go(f.count);
    e.append(c);
    strip.append(e);
  }
  strip.hidden = data.frames.length < 2;
  $('ask').hidden = $('controls').hidden = $('slots').hidden = true;
  return {
    live: false, window: show, ask: () => {}, pause: () => {}, slots: () => {}, key: () => {}, pointer: () => {},
    look: at => {
      const r = code.get(at), p = { look: at, pixel: pixels[at], instruction: r ? r[1] : '', near: '' };
      if (r) p.near = 'executed ' + grouped(r[2]);
      showPixel(p);
    },
    go: count => {
      let best = null;
      for (const f of data.frames) if (f.count <= count) best = f;
      frame = count >= data.state.furthest ? null : best;
      $('count').textContent = grouped(frame ? frame.count : data.state.count);
      show(last);
    },
  };
}

// ---- what a person does ----

function write(text) {
  $('words').value = text;
  $('words').focus();
}

function setLayer(name) {
  layer = name;
  for (const n of ['picture', 'heat', 'classes']) $('layer-' + n).setAttribute('aria-checked', String(n === name));
  showLegend();
  moved();
}

function setCursor(at) {
  cursor = clamp(at, 0, program.w * program.h - 1);
  source.look(cursor);
  draw();
}

function centre() {
  middle = [cursor % program.w + .5, Math.floor(cursor / program.w) + .5];
  fitted = false;
  moved();
}

function move(dx, dy) {
  const x = clamp(cursor % program.w + dx, 0, program.w - 1), y = clamp(Math.floor(cursor / program.w) + dy, 0, program.h - 1);
  setCursor(y * program.w + x);
  const [sx, sy] = toScreen(x, y);
  if (sx < 0 || sy < 0 || sx + zoom > stage.clientWidth || sy + zoom > stage.clientHeight) centre();
}

function toggle(button, on) {
  button.setAttribute('aria-pressed', String(on));
  return on;
}

let wantSlots = false;

const doings = {
  run: () => state && state.running ? source.pause() : source.ask('run'),
  step: () => source.ask('step'), back: () => source.ask('back'), next: () => source.ask('next'), rrun: () => source.ask('rrun'),
  labels: () => { labels = toggle($('labels'), !labels); draw(); },
  slots: () => {
    wantSlots = !wantSlots;
    if (wantSlots) return source.slots();
    slots = null;
    $('tiles').hidden = true;
    toggle($('slots'), false);
    draw();
  },
  help: () => { $('keys').hidden = !$('keys').hidden; },
};
const keyDoings = {
  ' ': doings.run, s: doings.step, b: doings.back, n: doings.next, R: doings.rrun, r: doings.run, l: doings.labels, m: doings.slots, '?': doings.help,
  '+': () => zoomTo(zoom * 2), '=': () => zoomTo(zoom * 2), '-': () => zoomTo(zoom / 2), 0: () => fit(),
  1: () => setLayer('picture'), 2: () => setLayer('heat'), 3: () => setLayer('classes'),
  c: () => { setCursor(state.pc); centre(); }, ':': () => write(''), '/': () => write(''),
  ArrowLeft: () => move(-1, 0), ArrowRight: () => move(1, 0), ArrowUp: () => move(0, -1), ArrowDown: () => move(0, 1),
  Enter: () => source.live && write(`set [${cursor}] = `),
};
for (const [keys, what] of [['Space', 'run, pause'], ['S', 'step'], ['N', 'next, over calls'], ['B', 'back'], ['Shift R', 'run back'], ['C', 'to pc'],
  ['Arrows', 'cursor'], ['Enter', 'set its pixel'], ['+ -', 'zoom'], ['0', 'all of it'], ['1 2 3', 'picture, heat, classes'], ['L', 'labels'],
  ['M', 'machines in slots'], [':', 'a word of px debug'], ['Esc', 'back to the picture'], ['?', 'these keys']]) {
  const dt = document.createElement('dt');
  for (const k of keys.split(' ')) row(dt, 'kbd').textContent = k;
  $('keys').append(dt);
  row($('keys'), 'dd').textContent = what;
}

// What a terminal sends for a key; ''' where that is nothing.
function bytesOf(e) {
  const named = { Enter: '\r', Backspace: '\x7f', Tab: '\t', Escape: '\x1b', ArrowUp: '\x1b[A', ArrowDown: '\x1b[B', ArrowRight: '\x1b[C', ArrowLeft: '\x1b[D',
    Home: '\x1b[H', End: '\x1b[F', PageUp: '\x1b[5~', PageDown: '\x1b[6~', Insert: '\x1b[2~', Delete: '\x1b[3~' };
  if (e.metaKey || e.altKey || (e.key === 'Tab' && e.shiftKey)) return '';
  if (named[e.key]) return named[e.key];
  if ([...e.key].length !== 1) return '';
  return e.ctrlKey ? (/[a-z@[\\\]^_]/i.test(e.key) ? String.fromCharCode(e.key.toUpperCase().charCodeAt(0) & 31) : '') : e.key;
}

function type(text) {
  for (const c of text) source.key(c.codePointAt(0), true);
}

function onConsole(e) {
  if (!program || !program.host) return;
  if (!state.bytes) { if (bytesOf(e).length === 1 && !e.ctrlKey && e.key !== 'Tab') $('typed').focus(); return; }
  const bytes = bytesOf(e);
  if (!bytes) return;
  e.preventDefault();
  type(bytes);
}

function onKey(e) {
  if (e.target.matches('input:not([type="range"]), #display, #console') || e.ctrlKey || e.metaKey || e.altKey || !program) {
    if (e.key === 'Escape' && e.target.matches('input')) stage.focus();
    return;
  }
  if (e.target.matches('input, button') && (e.key.startsWith('Arrow') || e.key === 'Enter' || e.key === ' ')) return;
  const what = keyDoings[e.key];
  if (what) { e.preventDefault(); what(); }
}

function onPointer() {
  let held = null;
  const at = e => {
    const r = stage.getBoundingClientRect(), [x, y] = toImage(e.clientX - r.left, e.clientY - r.top).map(Math.floor);
    return x >= 0 && y >= 0 && x < program.w && y < program.h ? y * program.w + x : null;
  };
  picture.addEventListener('pointerdown', e => { held = [e.clientX, e.clientY, ...middle, false]; picture.setPointerCapture(e.pointerId); });
  picture.addEventListener('pointermove', e => {
    if (!program) return;
    if (held) {
      const dx = e.clientX - held[0], dy = e.clientY - held[1];
      held[4] = held[4] || Math.abs(dx) + Math.abs(dy) > 3;
      if (held[4]) { fitted = false; middle = [held[2] - dx / zoom, held[3] - dy / zoom]; moved(); }
      return;
    }
    const pixel = at(e);
    if (pixel !== null && pixel !== looked) source.look(looked = pixel);
  });
  picture.addEventListener('pointerup', e => {
    const pixel = held && !held[4] ? at(e) : null;
    held = null;
    stage.focus();
    if (pixel !== null) setCursor(pixel);
  });
  picture.addEventListener('dblclick', () => keyDoings.Enter());
  stage.addEventListener('wheel', e => {
    e.preventDefault();
    const r = stage.getBoundingClientRect();
    if (program) zoomTo(zoom * Math.pow(2, -e.deltaY / 300), e.clientX - r.left, e.clientY - r.top);
  }, { passive: false });
}

function onDisplay() {
  const d = $('display'), names = { ArrowUp: 'UP', ArrowDown: 'DOWN', ArrowLeft: 'LEFT', ArrowRight: 'RIGHT', Home: 'HOME', End: 'LAST',
    PageUp: 'PAGE_UP', PageDown: 'PAGE_DOWN', Insert: 'INSERT', Delete: 'DELETE' };
  const plain = { Enter: 13, Backspace: 8, Escape: 27 };
  const code = e => names[e.key] ? program.keys[names[e.key]] : plain[e.key] || ([...e.key].length === 1 ? e.key.codePointAt(0) : 0);
  for (const kind of ['keydown', 'keyup'])
    d.addEventListener(kind, e => {
      if (!code(e)) return;
      e.preventDefault();
      source.key(code(e), kind === 'keydown');
    });
  let was = '';
  const tell = e => {
    const r = d.getBoundingClientRect(), x = Math.floor((e.clientX - r.left) * d.width / r.width), y = Math.floor((e.clientY - r.top) * d.height / r.height);
    const held = e.buttons & 1 | (e.buttons & 4) >> 1 | (e.buttons & 2) << 1, now = [x, y, held].join();
    if (now !== was && x >= 0 && y >= 0) source.pointer(x, y, held);
    was = now;
  };
  for (const kind of ['pointermove', 'pointerdown', 'pointerup']) d.addEventListener(kind, tell);
  d.addEventListener('pointerdown', () => d.focus());
}

function begin(p) {
  program = p;
  document.title = p.program.replace(/.*\//, '') + ' - px view';
  $('program').textContent = p.program.replace(/.*\//, '');
  $('about').textContent = `${p.w} x ${p.h}, ${p.executor}`;
  $('typed').hidden = !p.host;
  $('console-part').hidden = !p.host;
  terminal.show($('console'));
  resize();
  document.body.dataset.ready = 'true';
}

for (const id in doings) $(id).addEventListener('click', () => doings[id]());
for (const n of ['picture', 'heat', 'classes']) $('layer-' + n).addEventListener('click', () => setLayer(n));
$('time').addEventListener('input', () => { scrubbing = true; source.go(Number($('time').value)); });
$('time').addEventListener('change', () => { scrubbing = false; });
$('ask').addEventListener('submit', e => {
  e.preventDefault();
  if ($('words').value.trim()) source.ask($('words').value.trim());
  $('words').select();
});
$('typed').addEventListener('keydown', e => {
  if (e.key !== 'Enter') return;
  type($('typed').value + '\n');
  $('typed').value = '';
});
$('console').addEventListener('keydown', onConsole);
window.addEventListener('keydown', onKey);
new ResizeObserver(resize).observe(stage);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', resize);

async function start() {
  const kept = $('saved');
  if (!gl) return void ($('state').textContent = 'This browser has no WebGL, which shows the picture.');
  beginPicture();
  onPointer();
  onDisplay();
  if (!kept) return void (source = live());
  const data = JSON.parse(kept.textContent);
  program = data.program;
  source = await saved(data);
  begin(data.program);
  showState(data.state);
  stage.focus();
}
start();
