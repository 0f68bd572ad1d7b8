import { describe, expect, it } from 'vitest';
import { bypassesProxy, proxyFor } from '../../src/aws/proxy.js';

describe('NO_PROXY', () => {
  it.each([
    ['*', 'sts.amazonaws.com', true],
    ['amazonaws.com', 'sts.amazonaws.com', true],
    ['.amazonaws.com', 'sts.amazonaws.com', true],
    ['*.amazonaws.com', 'STS.amazonaws.com', true],
    ['amazonaws.com', 'notamazonaws.com', false],
    ['example.com, sts.amazonaws.com', 'sts.amazonaws.com', true],
    ['sts.amazonaws.com:443', 'sts.amazonaws.com', true],
    ['sts.amazonaws.com:8443', 'sts.amazonaws.com', false],
    ['169.254.169.254', '169.254.169.254', true],
    ['169.254.0.0/16', '169.254.169.254', true],
    ['10.0.0.0/8', '169.254.169.254', false],
    ['10.0.0.0/99', '10.0.0.1', false],
    ['::1', '[::1]', true],
    ['[fd00::/8]', 'fd00:ec2::254', true],
    ['', 'sts.amazonaws.com', false],
  ])('%s holds for %s: %s', (NO_PROXY, host, expected) => {
    expect(bypassesProxy(host, 443, { NO_PROXY })).toBe(expected);
  });
});

it('a proxy is read as the tools of AWS read it', () => {
  expect(proxyFor('https:', { HTTPS_PROXY: 'proxy:3128' })?.href).toBe('http://proxy:3128/');
  expect(proxyFor('https:', { HTTPS_PROXY: 'http://a', https_proxy: 'https://b' })?.host).toBe('b');
  expect(proxyFor('https:', { HTTP_PROXY: 'http://a', HTTPS_PROXY: '' })).toBeUndefined();
  expect(() => proxyFor('http:', { HTTP_PROXY: 'http://' })).toThrow('HTTP_PROXY: http:// is not the URL');
});
