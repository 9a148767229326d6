// Owns what is said when an edge has started: lines for a person, a message for the process that forked it.
import type { Edge } from '../server/edge.ts';
import { tellParent } from '../process/parent-message.ts';

/** Says it. `engines`: lines about what makes pictures, where that is done in this process' own workers. */
export function welcome(edge: Edge, engines: readonly string[] = []): void {
  print(edge, engines);
  tellReady(edge);
}

/** To standard output; the page to open comes last. */
function print(
  { services, url, httpsUrl, tokenAddress, selfSigned }: Edge,
  engines: readonly string[],
): void {
  if (services.created) {
    console.log('First start: these services were made. Their keys are shown only this once.');
    for (const [name, service] of Object.entries({
      'super service': services.superService,
      'sample service': services.sampleService,
    })) {
      console.log(`  ${name.padEnd(14)} id ${service._id}  key ${service.key}`);
    }
    console.log('');
  }
  for (const line of engines) console.log(line);
  if (tokenAddress !== undefined) {
    console.log(
      `Join tokens send clients to ${tokenAddress.secure ? 'https' : 'http'}://${tokenAddress.host}`,
    );
  }
  if (httpsUrl !== undefined) {
    console.log(
      `From other machines: ${httpsUrl}${selfSigned ? ' (self-signed: the browser will ask)' : ''}`,
    );
  }
  console.log(`Ctrl-C stops. Open ${url}`);
}

function tellReady({ services, url, httpsUrl }: Edge): void {
  tellParent({
    type: 'ready',
    url,
    ...(httpsUrl === undefined ? {} : { httpsUrl }),
    sample: { id: services.sampleService._id, key: services.sampleService.key, room: services.sampleRoom },
    super: { id: services.superService._id, key: services.superService.key },
  });
}
