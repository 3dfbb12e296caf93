// Starts Swagger UI on the element #docs, which names the schema and holds the owner's token against forged requests.
"use strict";

const place = document.getElementById("docs");

SwaggerUIBundle({
  url: place.dataset.schema,
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  persistAuthorization: false,
  requestInterceptor: (request) => {
    const isOwn = new URL(request.url, location.href).origin === location.origin;
    if (isOwn && place.dataset.token && !["GET", "HEAD"].includes(request.method || "GET")) {
      request.headers["X-CSRFToken"] = place.dataset.token;
    }
    return request;
  },
});
