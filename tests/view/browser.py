"""browser.py - headless Chromium, by its own protocol."""
import base64, json, os, re, shutil, subprocess, tempfile, time, urllib.request
from websocket import WebSocket


def find():
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Browser:
    def __init__(self, width=1280, height=800):
        self.folder = tempfile.mkdtemp()
        # Software WebGL: what every machine has. The sandbox is not for root.
        self.process = subprocess.Popen(
            [find(), '--headless=new', '--remote-debugging-port=0', '--remote-allow-origins=*', f'--user-data-dir={self.folder}',
             '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--hide-scrollbars', '--no-first-run',
             f'--window-size={width},{height}'] + (['--no-sandbox'] if os.geteuid() == 0 else []) + ['about:blank'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        place = os.path.join(self.folder, 'DevToolsActivePort')
        for _ in range(300):
            if os.path.exists(place) and open(place).read().count('\n'):
                break
            time.sleep(0.1)
        port = open(place).readline().strip()
        pages = json.load(urllib.request.urlopen(f'http://127.0.0.1:{port}/json'))
        self.socket = WebSocket([p for p in pages if p['type'] == 'page'][0]['webSocketDebuggerUrl'], timeout=60)
        self.number, self.events = 0, []
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.call(domain + '.enable')
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({'id': self.number, 'method': method, 'params': params}))
        while True:
            message = json.loads(self.socket.receive())
            if message.get('id') == self.number:
                if 'error' in message:
                    raise RuntimeError(message['error'])
                return message['result']
            self.events.append(message)

    def run(self, script):
        result = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(result['exceptionDetails'])
        return result['result'].get('value')

    def wait(self, script, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if self.run(f'!!({script})'):
                return
            time.sleep(0.05)
        raise TimeoutError(f'{script}: {self.run("document.body.innerText")}')

    def go(self, url):
        self.call('Page.navigate', url=url)
        self.wait('document.readyState === "complete"')

    def mouse(self, kind, x, y, **more):
        self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, **more)

    def click(self, x, y, button='left'):
        self.mouse('mouseMoved', x, y)
        self.mouse('mousePressed', x, y, button=button, clickCount=1)
        self.mouse('mouseReleased', x, y, button=button, clickCount=1)

    def click_on(self, selector):
        x, y = self.run(f'(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())')
        self.click(x, y)

    def key(self, key, text=None):
        code = {'Enter': 13, 'ArrowRight': 39, 'ArrowDown': 40}.get(key, ord(key[0]) if len(key) == 1 else 0)
        text = text if text is not None else key if len(key) == 1 else '\r' if key == 'Enter' else ''
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=text, windowsVirtualKeyCode=code)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key, windowsVirtualKeyCode=code)

    def type(self, text):
        for c in text:
            self.key(c)

    def light(self, dark):
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])

    def picture(self, path):
        with open(path, 'wb') as file:
            file.write(base64.b64decode(self.call('Page.captureScreenshot', format='png')['data']))

    def troubles(self):
        """What the page complained of."""
        found = []
        for e in self.events:
            if e.get('method') == 'Runtime.exceptionThrown':
                found.append(json.dumps(e['params']['exceptionDetails'])[:500])
            if e.get('method') == 'Log.entryAdded' and e['params']['entry']['level'] == 'error':
                found.append(e['params']['entry']['text'] + ' ' + e['params']['entry'].get('url', ''))
        return found

    def asked(self):
        """The addresses that it has asked for."""
        return [e['params']['request']['url'] for e in self.events if e.get('method') == 'Network.requestWillBeSent']

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
