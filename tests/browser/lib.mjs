// What the tests in the browser share: a server for a folder on loopback, and Debian's Chromium.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

/** The folder of the built site that is tried. */
export const SITE = process.env.GONGBU_SITE ?? new URL("../../public/", import.meta.url).pathname;

// Debian's Chromium as root and without a network: it would try to reach its maker at every start.
export const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const CHROMIUM = "/usr/bin/chromium";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json",
  ".json": "application/json", ".xml": "application/xml", ".txt": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8",
};

/** Serves a folder under a path, packed as hosts do. `down` may be set: then nothing is answered. */
export async function serve(folder, base = "/") {
  const packed = new Map();
  const state = { down: false, asked: [], bytes: 0 };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    state.asked.push(path);
    if (state.down) return request.socket.destroy();
    if (!path.startsWith(base)) return response.writeHead(404).end();
    const name = path.slice(base.length);
    const file = join(folder, name === "" || name.endsWith("/") ? `${name}index.html` : name);
    try {
      if (!packed.has(file)) packed.set(file, gzipSync(await readFile(file)));
      const body = packed.get(file);
      state.bytes += body.length;
      response.writeHead(200, {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "content-encoding": "gzip",
        "content-length": body.length,
        "cache-control": name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "public, max-age=0, must-revalidate",
      });
      response.end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>404</title>");
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const forget = () => packed.clear();
  const close = () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); });
  return { url: `http://127.0.0.1:${server.address().port}${base}`, state, forget, close };
}

/** The browser. */
export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** The pages of a site, as paths in it. */
export async function pages(folder = SITE) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => relative(folder, join(it.parentPath ?? it.path, it.name)));
  return files.map((it) => it.split(sep).join("/")).filter((it) => it.endsWith(".html") && !it.startsWith(".gongbu/")).sort();
}

/** One page of each kind, and the longest lesson: what most tests look at. */
export async function kinds(folder = SITE) {
  const all = await pages(folder);
  const lessons = all.filter((it) => /^\d\d-[^/]+\/\d/.test(it));
  const size = async (it) => (await readFile(join(folder, it))).length;
  const sizes = await Promise.all(lessons.map(size));
  const longest = lessons[sizes.indexOf(Math.max(...sizes))];
  const section = all.find((it) => /^\d\d-[^/]+\/index\.html$/.test(it));
  const service = all.includes("services/s3.html") ? "services/s3.html" : all.find((it) => /^services\/[^i]/.test(it));
  return { home: "index.html", section, lesson: longest, service, services: "services/index.html" };
}

/**
 * A project in a folder that is removed by `remove`: `files` by their paths. `build` publishes it to `site`,
 * again after something was written.
 */
export async function project(files) {
  const root = await mkdtemp(join(tmpdir(), "project-"));
  const site = join(root, "public");
  const write = async (path, text) => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const gongbu = new URL("../../target/release/gongbu", import.meta.url).pathname;
  const build = () => promisify(execFile)(gongbu, ["build", "--root", root, "--out", site]);
  return { site, write, build, remove: () => rm(root, { recursive: true }) };
}

/** A course of `sections` times `lessons`; each lesson explains two services, and names one of the lesson before. */
export function course(sections, lessons) {
  const files = { "gongbu.toml": 'title = "큰 노트"\nlanguage = "ko"\n[terms]\nheading_level = 3\n' };
  const two = (n) => String(n).padStart(2, "0");
  for (let s = 1; s <= sections; s++) {
    files[`notes/${two(s)}-part/index.md`] = `# ${two(s)} 묶음\n`;
    for (let l = 1; l <= lessons; l++) {
      const n = (s - 1) * lessons + l;
      files[`notes/${two(s)}-part/${two(l)}-lesson.md`] =
        `# ${two(s)}-${two(l)} 글\n\n### QueueA${n}\n\n- **메시지** ${n}개를 담는 곳\n\n### TableB${n}\n\n- QueueA${Math.max(1, n - 1)}와 **표** ${n}개를 잇는 곳\n`;
    }
  }
  return files;
}
