// Answers for the site when there is no network. `FILES` is what is kept from the start: the address of
// each file in the site, and the beginning of its hash. What else is read is kept as it comes, and pages
// keep sections on request (offline.js).
// A new version takes over when the reader says so, or when no page of the old one is open.
var FILES = {{ files }};
var ROOT = new URL(registration.scope).pathname;
var KEPT = "gongbu kept " + ROOT;
var READ = "gongbu read " + ROOT;
var MOST = 500;

function address(path) {
  return ROOT + path + "?" + FILES[path];
}

// A host that answers with another address must not keep that: browsers refuse it for pages.
function plain(answer) {
  if (!answer.redirected) return answer;
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

addEventListener("install", function (event) {
  event.waitUntil(caches.open(KEPT).then(function (cache) {
    return Promise.all(Object.keys(FILES).map(function (path) {
      return cache.match(address(path)).then(function (known) {
        return known || fetch(ROOT + path, { cache: "no-cache" }).then(function (answer) {
          if (!answer.ok) throw new Error(path + ": " + answer.status);
          return cache.put(address(path), plain(answer));
        });
      });
    }));
  }));
});

addEventListener("activate", function (event) {
  var wanted = {};
  Object.keys(FILES).forEach(function (path) { wanted[address(path)] = true; });
  event.waitUntil(caches.open(KEPT).then(function (cache) {
    return cache.keys().then(function (keys) {
      return Promise.all(keys.map(function (key) {
        var url = new URL(key.url);
        if (wanted[url.pathname + url.search]) return;
        return cache.match(key).then(function (old) {
          // Pages that were read before still want their style.
          var path = url.pathname.slice(ROOT.length);
          return path.startsWith("assets/") && keep(path, old);
        }).then(function () { return cache.delete(key); });
      }));
    });
  }).then(function () { return clients.claim(); }));
});

addEventListener("message", function (event) {
  if (event.data === "take over") skipWaiting();
});

function keep(path, answer) {
  return caches.open(READ).then(function (cache) {
    return cache.put(ROOT + path, plain(answer)).then(function () { return cache.keys(); }).then(function (keys) {
      return Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map(function (key) { return cache.delete(key); }));
    });
  });
}

function read(event, path) {
  return fetch(event.request).then(function (answer) {
    // What a script asks for, it keeps itself.
    var is = answer.status === 200 && event.request.destination;
    if (is) event.waitUntil(keep(path, answer.clone()));
    return answer;
  }, function (error) {
    return caches.match(ROOT + path, { cacheName: READ }).then(function (known) {
      return known || caches.match(ROOT + path);
    }).then(function (known) {
      if (known) return known;
      if (event.request.mode === "navigate") return Response.redirect(ROOT + "offline.html#" + path);
      throw error;
    });
  });
}

addEventListener("fetch", function (event) {
  var url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(ROOT)) return;
  var path = url.pathname.slice(ROOT.length);
  if (!path || path.endsWith("/")) path += "index.html";
  if (!(path in FILES)) return event.respondWith(read(event, path));
  event.respondWith(caches.match(address(path), { cacheName: KEPT }).then(function (known) {
    return known || read(event, path);
  }));
});
