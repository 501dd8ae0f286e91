// Shows /openapi.json with Swagger UI, whose files scripts/build-static-assets.ts puts beside this one.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  tryItOutEnabled: true,
});
