// node serve.mjs WORKER_DIR  ->  one JSON line {url, s3, control} on stdout; stops when stdin ends.
//
// WORKER_DIR is what `wrangler deploy --dry-run --outdir` wrote: the Worker as it would be deployed. It runs in the real
// workerd, on one of two tracks:
//   RUNTIME=embedded     workerd 1.20241106 with the Pyodide inside it (Python 3.12); a shim maps its entry onto Default
//   RUNTIME=pyodide      workerd 1.20260426 with npm's pyodide 0.28 (Python 3.13) as plain modules
//   RUNTIME=pyodide-314  the same with npm's pyodide 314 (Python 3.14)
// BINDINGS (JSON) become its variables and secrets; "$URL" and "$S3" in them stand for the Worker's and the S3 endpoint's URL.
import { createRequire } from "node:module";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const shimDir = path.join(here, "shim");
const worker = path.resolve(process.argv[2]);
const runtime = process.env.RUNTIME ?? "embedded";
const isEmbedded = runtime === "embedded";
const require = createRequire(import.meta.url);
const { Miniflare } = require(isEmbedded ? "miniflare-embedded" : "miniflare");

const shim = (name) => fs.readFileSync(path.join(shimDir, name), "utf8");

function walk(dir, base = dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(dir, entry.name);
    return entry.isDirectory() ? walk(full, base) : [path.relative(base, full)];
  });
}

function pythonFiles() {
  // The SDK's loader of .pth patches is for the production runtime; here nothing processes .pth files.
  return walk(worker)
    .filter((name) => name.endsWith(".py") && !name.startsWith("python_modules/_workers_sdk"))
    .map((name) => ({ type: "PythonModule", path: name, contents: fs.readFileSync(path.join(worker, name), "utf8") }));
}

function embeddedModules() {
  // The main module must come first.
  const names = ["_test_main.py", "_test_context.py", "_pyodide_entrypoint_helper.py", "_cloudflare_compat_flags.py"];
  const own = names.map((name) => ({ type: "PythonModule", path: name, contents: shim(name) }));
  return { modules: [...own, ...pythonFiles()], compatibilityDate: "2024-11-06", compatibilityFlags: ["python_workers"] };
}

function pyodideModules() {
  const home = path.dirname(require.resolve(`${runtime}/package.json`));
  const read = (name) => fs.readFileSync(path.join(home, name));
  const text = (name, contents) => ({ type: "Text", path: name, contents });
  const script = (name, contents) => ({ type: "ESModule", path: name, contents });
  const asm = fs.existsSync(path.join(home, "pyodide.asm.mjs"))
    ? String(read("pyodide.asm.mjs"))
    : `${read("pyodide.asm.js")}\nexport default _createPyodideModule;\n`;
  const files = Object.fromEntries(pythonFiles().map((module) => [module.path, module.contents]));
  files["_test_context.py"] = shim("_test_context.py");
  return {
    compatibilityDate: "2026-03-01",
    unsafeEvalBinding: "UNSAFE",
    modules: [
      script("pyodide_main.mjs", shim("pyodide_main.mjs")),
      script("pyodide_pre.mjs", shim("pyodide_pre.mjs")),
      script("asm.mjs", `function addEventListener(){}\n${asm}`),
      script("pyodide.mjs", String(read("pyodide.mjs"))),
      { type: "CompiledWasm", path: "pyodide.asm.wasm", contents: read("pyodide.asm.wasm") },
      { type: "Data", path: "python_stdlib.bin", contents: read("python_stdlib.zip") },
      text("lock.txt", String(read("pyodide-lock.json"))),
      text("files.txt", JSON.stringify(files)),
      text("boot.txt", shim("pyodide_boot.txt")),
    ],
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = http.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const [port, s3Port] = [await freePort(), await freePort()];
const urls = { $URL: `http://127.0.0.1:${port}`, $S3: `http://127.0.0.1:${s3Port}` };
const bindings = JSON.parse(process.env.BINDINGS ?? "{}");
for (const [name, value] of Object.entries(bindings)) bindings[name] = urls[value] ?? value;

// RATE_LIMIT: what the optional bindings, a rate limit and an Analytics Engine data set, are made with; else there are none.
const limit = Number(process.env.RATE_LIMIT ?? 0);
const extras = limit
  ? { ratelimits: { RATE_LIMITER: { simple: { limit, period: 60 } } }, analyticsEngineDatasets: { ANALYTICS: { dataset: "points" } } }
  : {};

const mf = new Miniflare({
  host: "127.0.0.1",
  port,
  workers: [
    {
      name: "main",
      modulesRoot: ".",
      ...(isEmbedded ? embeddedModules() : pyodideModules()),
      kvNamespaces: ["KV"],
      r2Buckets: { BUCKET: "fukidashi" },
      bindings,
      ...extras,
    },
    {
      name: "s3",
      modulesRoot: ".",
      modules: [{ type: "ESModule", path: "r2s3.mjs", contents: shim("r2s3.mjs") }],
      compatibilityDate: "2024-11-06",
      r2Buckets: { BUCKET_fukidashi: "fukidashi" },
      bindings: { AK: bindings.S3_ACCESS_KEY_ID ?? "none", SK: bindings.S3_SECRET_ACCESS_KEY ?? "none" },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: s3Port }],
    },
  ],
});
await mf.ready;

async function sweep() {
  if (isEmbedded) return (await fetch(`${urls.$URL}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent("* * * * *")}`)).ok;
  const outcome = await (await mf.getWorker("main")).scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  return outcome.outcome === "ok";
}

// What a test may do behind the Worker's back: run the cron handler, look into KV and R2, change them.
const kv = await mf.getKVNamespace("KV", "main");
const r2 = await mf.getR2Bucket("BUCKET", "main");
const actions = {
  "POST /sweep": sweep,
  "GET /kv": (key) => kv.get(key),
  "PUT /kv": (key, body) => kv.put(key, body),
  "DELETE /kv": (key) => kv.delete(key),
  "GET /kv/list": async (prefix) => (await kv.list({ prefix })).keys.map((item) => item.name),
  "GET /r2": async (key) => (await r2.get(key))?.text(),
  "PUT /r2": async (key, body) => void (await r2.put(key, body)),
  "DELETE /r2": (key) => r2.delete(key),
  "GET /r2/list": async (prefix) => (await r2.list({ prefix })).objects.map((item) => item.key),
};
const control = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://control");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const action = actions[`${request.method} ${url.pathname}`];
  try {
    response.end(JSON.stringify((await action(url.searchParams.get("key") ?? "", Buffer.concat(chunks).toString())) ?? null));
  } catch (error) {
    response.writeHead(500);
    response.end(String(error));
  }
});
control.listen(0, "127.0.0.1");
await new Promise((resolve) => control.once("listening", resolve));
console.log(JSON.stringify({ url: urls.$URL, s3: urls.$S3, control: `http://127.0.0.1:${control.address().port}` }));

process.stdin.resume();
process.stdin.on("end", async () => {
  control.close();
  await mf.dispose();
  process.exit(0);
});
