// Owns what a person is told when the server cannot listen.

/** What happened and what to do, or undefined when `error` is another kind of trouble. */
export function explainListenError(error: unknown): string | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (!('code' in inner) || !('syscall' in inner) || inner.syscall !== 'listen') continue;
    const where = 'port' in inner ? `port ${String(inner.port)}` : 'its port';
    switch (inner.code) {
      case 'EADDRINUSE':
        return (
          `Sluice cannot start: ${where} is taken by another program (perhaps another Sluice).\n` +
          'Stop that one, or put other ports before the command: SLUICE_PORT=3100 SLUICE_HTTPS_PORT=3104 (of the ' +
          'metrics SLUICE_METRICS_PORT, of a relay SLUICE_RELAY_LISTEN).'
        );
      case 'EACCES':
        return (
          `Sluice cannot start: this user may not listen on ${where}.\n` +
          'Choose ports from 1024 on: SLUICE_PORT=3000 SLUICE_HTTPS_PORT=3004.'
        );
      case 'EADDRNOTAVAIL':
        return (
          `Sluice cannot start: this machine does not have the address to listen on at ${where}.\n` +
          'Check http.host, https.host and metrics.host (SLUICE_HOST, SLUICE_HTTPS_HOST, SLUICE_METRICS_HOST); 0.0.0.0 is ' +
          'every address.'
        );
      default:
        return `Sluice cannot start: ${inner.message}`;
    }
  }
  return undefined;
}
