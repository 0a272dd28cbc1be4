// The copy of the site in a bucket: put there by `gongbu deploy`, under a prefix of a private bucket, and read as
// CloudFront reads it, by signed requests. Nothing is missing, and the search finds.
import { execFile } from "node:child_process";
import { createServer, request } from "node:http";
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { promisify } from "node:util";
import { SITE, launch, pages } from "./lib.mjs";

const MOTO = process.env.GONGBU_MOTO;
const ROOT = new URL("../../", import.meta.url).pathname;
const skip = MOTO ? false : "left out: the bucket's copy, because GONGBU_MOTO names no server";
if (skip) console.log(skip);

const BUCKET = `gongbu-browser-${process.pid}`;
const SIGNED = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/** What stands before the bucket: it asks with a signature, and passes on what comes. */
function front() {
  const asked = [];
  const server = createServer((incoming, outgoing) => {
    const { url, method } = incoming;
    const passed = request(`${MOTO}/${BUCKET}${url.split("?")[0]}`, { method, headers: { authorization: SIGNED } }, (answer) => {
      asked.push([answer.statusCode, url]);
      outgoing.writeHead(answer.statusCode, { "content-type": answer.headers["content-type"], "cache-control": answer.headers["cache-control"] ?? "no-store" });
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.writeHead(502).end());
    passed.end();
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready({ asked, server, url: `http://127.0.0.1:${server.address().port}/notes/` })));
}

let browser, bucket;
before(async () => {
  if (skip) return;
  await fetch(`${MOTO}/${BUCKET}`, { method: "PUT", headers: { authorization: SIGNED } });
  const env = { ...process.env, AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "x", AWS_EC2_METADATA_DISABLED: "true" };
  const args = ["deploy", `s3://${BUCKET}/notes`, "--endpoint-url", MOTO, "--root", ROOT];
  await promisify(execFile)(`${ROOT}target/release/gongbu`, args, { env });
  [browser, bucket] = [await launch(), await front()];
});
after(async () => {
  await browser?.close();
  bucket?.server.closeAllConnections();
  bucket?.server.close();
});

async function open() {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  // Browsers ask for it on their own, now and then.
  const isOurs = (it) => !it.location().url.endsWith("/favicon.ico");
  page.on("console", (it) => { if (it.type() === "error" && isOurs(it)) wrong.push(it.text()); });
  return { context, page, wrong };
}

test("every page of the bucket's copy is whole", { skip }, async () => {
  const { context, page, wrong } = await open();
  const all = await pages(SITE);
  assert.ok(all.length > 50, `${all.length} pages`);
  for (const path of all) {
    const answer = await page.goto(bucket.url + path);
    assert.equal(answer.status(), 200, path);
    assert.equal(answer.headers()["content-type"], "text/html; charset=utf-8", path);
    assert.deepEqual(wrong, [], path);
  }
  const missing = bucket.asked.filter(([status]) => status >= 400).filter(([, url]) => !url.endsWith("/favicon.ico"));
  assert.deepEqual(missing, []);
  await context.close();
});

test("the search of the bucket's copy finds", { skip }, async () => {
  const { context, page, wrong } = await open();
  await page.goto(bucket.url + "search.html?q=" + encodeURIComponent("클라우드"));
  const found = await page.evaluate(async () => (await gongbu.search.find("클라우드", { limit: 5 })).length);
  assert.ok(found > 0);
  assert.deepEqual(wrong, []);
  assert.deepEqual(bucket.asked.filter(([status, url]) => status >= 400 && !url.endsWith("/favicon.ico")), []);
  await context.close();
});
