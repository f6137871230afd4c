/** Makes certificates for servers of tests, signed by an authority that no program knows. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipWithout } from './requirement.ts';

/** The `skip` option of tests that need certificates. @throws Error in continuous integration without OpenSSL */
export function skipWithoutOpenssl(): string | false {
  return skipWithout(spawnSync('openssl', ['version']).error && 'openssl is not installed');
}

/** Makes NAME.crt and NAME.key of an authority. @param folder that gets the files */
export function makeAuthority(folder: string, name: string): void {
  const options = `req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ${name}.key -out ${name}.crt -subj /CN=${name}`;
  execFileSync('openssl', options.split(' '), { cwd: folder, stdio: 'ignore' });
}

/**
 * Makes NAME.crt and NAME.key of a server at 127.0.0.1.
 * @param folder with the files of the authority
 * @param authority the name with which `makeAuthority` was called
 */
export function makeServerCertificate(folder: string, name: string, authority: string): void {
  const openssl = (options: string) => execFileSync('openssl', options.split(' '), { cwd: folder, stdio: 'ignore' });
  openssl(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=localhost`);
  writeFileSync(join(folder, `${name}.names`), 'subjectAltName=IP:127.0.0.1');
  const signed = `-CA ${authority}.crt -CAkey ${authority}.key -CAcreateserial -out ${name}.crt -days 2`;
  openssl(`x509 -req -in ${name}.csr ${signed} -extfile ${name}.names`);
}
