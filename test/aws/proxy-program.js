// An HTTP proxy as its own process. It alone knows where the host names of the tests are, as HOST=PORT arguments; with
// `--credentials USER:PASSWORD` it wants these. It prints its port, then a line for each request.
import { createServer, request as send } from 'node:http';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { credentials: { type: 'string' } },
  allowPositionals: true,
});
const ports = new Map(positionals.map((each) => each.split('=')));
const expected = values.credentials && `Basic ${Buffer.from(values.credentials).toString('base64')}`;
const refusal = ({ headers }, host) => {
  if (expected && headers['proxy-authorization'] !== expected) return [407, 'Proxy Authentication Required'];
  return ports.has(host) ? undefined : [403, 'Forbidden'];
};

const server = createServer((request, response) => {
  const { hostname, pathname, search } = new URL(request.url);
  console.log(`${request.method} ${request.url}`);
  const [status] = refusal(request, hostname) ?? [];
  if (status) return response.writeHead(status).end();
  const { method, headers } = request;
  const onward = send(
    { host: '127.0.0.1', port: ports.get(hostname), path: pathname + search, method, headers },
    (answer) => answer.pipe(response.writeHead(answer.statusCode, answer.headers)),
  );
  onward.on('error', () => response.destroy());
  return request.pipe(onward);
});
server.on('connect', (request, socket, head) => {
  console.log(`CONNECT ${request.url}`);
  const host = request.url.replace(/:\d+$/, '');
  const refused = refusal(request, host);
  if (refused) return socket.end(`HTTP/1.1 ${refused.join(' ')}\r\n\r\n`);
  const onward = connect(ports.get(host), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  for (const each of [onward, socket])
    each.on('error', () => [onward, socket].forEach((one) => void one.destroy()));
  return undefined;
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
