// page.js - the page of px view: live, from the socket of px, or saved, from what stands in the file itself.
'use strict';
const $ = id => document.getElementById(id);
const stage = $('stage'), picture = $('picture'), marks = $('marks');
const grouped = n => n.toLocaleString('en');
const hex = n => '0x' + (n >>> 0).toString(16).toUpperCase().padStart(8, '0');
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

let program = null, state = null, before = null, source = null;
let layer = 'picture', labels = true, slots = null;
let zoom = 0, middle = [0, 0], cursor = 0, looked = null;
const shown = { frames: 0 };   // for whoever measures
window.shown = shown;

// ---- the picture, by WebGL: a texture that holds a window of the image, drawn where the window lies ----

const gl = picture.getContext('webgl', { alpha: false, antialias: false, preserveDrawingBuffer: true });
let texture = null, has = { x: 0, y: 0, w: 0, h: 0, across: 0, down: 0 }, place = null, ground = null;

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
  gl.attachShader(made, shader(gl.FRAGMENT_SHADER, `precision mediump float; uniform sampler2D image; varying vec2 at;
    void main() { gl_FragColor = vec4(texture2D(image, at).rgb, 1.0); }`));
  gl.linkProgram(made);
  gl.useProgram(made);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.enableVertexAttribArray(0);
  place = gl.getUniformLocation(made, 'place');
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
  moved();
}

function zoomTo(to, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const [ix, iy] = toImage(x, y);
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
  if (program && source) zoom ? moved() : fit();
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

function drawSlots(c) {
  for (const s of slots) {
    const rows = Math.ceil((s.image - s.at + s.w * s.h) / program.w);
    const [x, y] = toScreen(0, Math.floor(s.at / program.w));
    c.strokeStyle = css('--mark');
    c.lineWidth = 1;
    c.strokeRect(x, y, program.w * zoom, rows * zoom);
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

function showCode() {
  const code = $('code');
  code.textContent = '';
  for (const i of state.code) {
    if (i.label) row(code, 'div', ['span', i.label + ':']).className = 'label';
    const e = row(code, 'button', ['i', ''], ['b', i.at], ['span', i.text]);
    e.className = (i.break ? 'stops ' : '') + (i.at === state.pc ? 'here' : '');
    e.title = i.break ? 'Delete this breakpoint' : 'Stop here';
    e.disabled = !source.live;
    e.onclick = () => source.ask(i.break ? 'delete ' + i.break : 'break ' + i.at);
  }
}

function showRegisters() {
  const all = $('registers');
  all.textContent = '';
  const was = before ? before.registers : state.registers;
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

function showConsole(text) {
  const pre = $('console'), low = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 4;
  if (!text) return;
  $('console-part').hidden = false;
  pre.textContent = (pre.textContent + text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/\r/g, '')).slice(-65536);
  if (low) pre.scrollTop = pre.scrollHeight;
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
  showConsole(s.console);
}

function showLegend() {
  const legend = $('legend');
  legend.textContent = '';
  legend.hidden = layer === 'picture';
  const all = layer === 'heat' ? [['executed', 0x00ff00], ['read', 0x4040ff], ['written', 0xff0000]] : program.classes.map(c => [c.name.split(/[:;,(]/)[0], c.colour]);
  if (layer === 'heat' && !program.heat) return void (legend.textContent = 'This executor does not count; ref and fast do.');
  for (const [name, colour] of all) {
    const e = row(legend, 'span', ['i', ''], ['span', name]);
    e.firstChild.style.background = '#' + colour.toString(16).padStart(6, '0');
  }
}

function showPixel(p) {
  const [x, y] = [p.look % program.w, Math.floor(p.look / program.w)], b = [0, 8, 16, 24].map(k => p.pixel >>> k & 255);
  const counts = p.executed === undefined ? '' : `   executed ${grouped(p.executed)}, read ${grouped(p.read)}, written ${grouped(p.written)}`;
  $('pixel').textContent = `${p.look}  (${x},${y})   ${hex(p.pixel)}   bytes ${b.join(' ')}   ${p.instruction}${p.near ? '   ' + p.near : ''}${counts}`;
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

function showSlots(list) {
  slots = list;
  const tiles = $('tiles');
  tiles.textContent = '';
  tiles.hidden = false;
  $('slots').setAttribute('aria-pressed', 'true');
  if (!list.length) tiles.textContent = 'No machines in slots.';
  for (const s of list) {
    const e = row(tiles, 'button', ['span', `${s.at}: ${s.w} x ${s.h}, pc ${s.pc}, ${s.status.toLowerCase()}`]);
    e.onclick = () => { setCursor(s.image); zoomTo(Math.min(stage.clientWidth / Math.min(s.w, program.w), 16)); centre(); };
  }
  draw();
}

// ---- live ----

function live() {
  const socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/[^/]*$/, '') + 'socket', 'px-view');
  const say = text => socket.readyState === 1 && socket.send(text);
  let wanted = null, under = false, going = null, goes = false;
  socket.binaryType = 'arraybuffer';

  const frame = data => {
    const n = new Uint32Array(data, 0, 11), tiles = n[10], [x, y, w, h, across, down] = n.slice(2, 8);
    let at = 44 + (n[1] + 3 & ~3);
    takeWindow({ x, y, w, h, across, down });
    for (let i = 0; i < tiles; i++) {
      const where = new Uint32Array(data, at, 1)[0], tx = where & 0xFFFF, ty = where >>> 16;
      const tw = Math.min(64, across - tx), th = Math.min(64, down - ty);
      takeTile(tx, ty, tw, th, new Uint8Array(data, at + 4, tw * th * 4));
      at += 4 + tw * th * 4;
    }
    if (n[8]) showDisplay(n[8], n[9], new Uint8Array(data, at, n[8] * n[9] * 4));
    showState(JSON.parse(new TextDecoder().decode(new Uint8Array(data, 44, n[1]))));
    requestAnimationFrame(() => { draw(); shown.frames++; say('had'); });
  };
  const answered = a => {
    if (a.program !== undefined) begin(a);
    else if (a.look !== undefined) { under = false; showPixel(a); if (wanted !== null) look(wanted); }
    else if (a.slots) showSlots(a.slots);
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
    slots: () => say('slots'),
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
  const pixels = new Uint32Array((await inflated(data.picture)).buffer), heat = data.heat ? await inflated(data.heat) : null;
  const code = new Map(data.ran.map(r => [r[0], r]));
  let frame = null, last = null;
  const colour = at => {
    const p = pixels[at];
    if (last.layer === 'heat' && heat) return heat[3 * at] | heat[3 * at + 1] << 8 | heat[3 * at + 2] << 16;
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
    takeWindow(w);
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
  moved();
}

function move(dx, dy) {
  const x = clamp(cursor % program.w + dx, 0, program.w - 1), y = clamp(Math.floor(cursor / program.w) + dy, 0, program.h - 1);
  setCursor(y * program.w + x);
  const [sx, sy] = toScreen(x, y);
  if (sx < 0 || sy < 0 || sx + zoom > stage.clientWidth || sy + zoom > stage.clientHeight) centre();
}

function toggle(id, on) {
  $(id).setAttribute('aria-pressed', String(on));
  return on;
}

const doings = {
  run: () => state && state.running ? source.pause() : source.ask('run'),
  step: () => source.ask('step'), back: () => source.ask('back'), next: () => source.ask('next'), rrun: () => source.ask('rrun'),
  labels: () => { labels = toggle('labels', !labels); draw(); },
  slots: () => {
    if (slots) { slots = null; $('tiles').hidden = true; toggle('slots', false); draw(); } else source.slots();
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
$('keys').textContent = ['Space  run, pause', 'S  step    N  next    B  back    Shift R  run back', 'Arrows  cursor    Enter  set its pixel    C  to pc',
  '+ -  zoom    0  all of it', '1 2 3  picture, heat, classes    L  labels    M  slots', ':  words of px debug    ?  these keys'].join('\n');

function onKey(e) {
  if (e.target.matches('input:not([type="range"]), #display') || e.ctrlKey || e.metaKey || e.altKey || !program) {
    if (e.key === 'Escape' && e.target.id !== 'display') stage.focus();
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
      if (held[4]) { middle = [held[2] - dx / zoom, held[3] - dy / zoom]; moved(); }
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
  for (const c of $('typed').value + '\n') source.key(c.codePointAt(0), true);
  $('typed').value = '';
});
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
