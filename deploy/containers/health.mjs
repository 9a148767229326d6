// Owns what a container's HEALTHCHECK asks: whether the process lives. Not whether it is ready: a load balancer asks that.
// Node and Deno.
const port = process.env.SLUICE_METRICS_PORT ?? '9464';
const reply = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
process.exit(reply?.ok === true ? 0 : 1);
