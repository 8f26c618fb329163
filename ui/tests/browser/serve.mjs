// Serves the mock's build with the security policy of the real app.

import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const port = Number(process.argv[2] ?? 4617)
const run = Number(process.argv[3] ?? 0)
const root = join(import.meta.dirname, '../../dist-mock')
const config = JSON.parse(
  await readFile(join(import.meta.dirname, '../../../src-tauri/tauri.conf.json'), 'utf8'),
)

/** The app's own policy without the two ways that only its shell has: commands and thumbnails. */
function policy(csp) {
  return csp
    .replaceAll(/ (thumb:|http:\/\/thumb\.localhost)/g, '')
    .replace(/connect-src [^;]*/, "connect-src 'none'")
}

const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
  const file = join(root, path === '/' ? 'index.html' : path)
  const found = file.startsWith(root) && (await stat(file).catch(() => null))
  response.setHeader('Content-Security-Policy', policy(config.app.security.csp))
  response.setHeader('X-Content-Type-Options', 'nosniff')
  // A browser asks for it by itself; the app's window does not.
  if (path === '/favicon.ico') {
    response.writeHead(204).end()
    return
  }
  if (!found || !found.isFile()) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'Content-Type': KINDS[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
}).listen(port, '127.0.0.1')

// A run that was ended by force leaves no server behind.
if (run !== 0) {
  setInterval(() => {
    try {
      process.kill(run, 0)
    } catch {
      process.exit()
    }
  }, 1000).unref()
}
