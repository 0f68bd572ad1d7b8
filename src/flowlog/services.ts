/** Ports by the names people say. Source: IANA, "Service Name and Transport Protocol Port Number Registry"; what is in brackets there, by use. */
const PORTS: Readonly<Record<string, string>> = {
  ftp: '20-21',
  ssh: '22',
  sftp: '22',
  telnet: '23',
  smtp: '25',
  dns: '53',
  domain: '53',
  http: '80',
  kerberos: '88',
  pop3: '110',
  ntp: '123',
  imap: '143',
  snmp: '161',
  ldap: '389',
  https: '443',
  smb: '445',
  submission: '587',
  ldaps: '636',
  imaps: '993',
  pop3s: '995',
  mssql: '1433',
  oracle: '1521',
  nfs: '2049',
  mysql: '3306',
  rdp: '3389',
  postgresql: '5432',
  postgres: '5432',
  winrm: '5985-5986',
  redis: '6379',
};

/** The port, or range of ports, of a service: `https` → `443`. */
export const portsOfService = (name: string): string | undefined =>
  Object.hasOwn(PORTS, name.toLowerCase()) ? PORTS[name.toLowerCase()] : undefined;
