import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder, writeFiles } from '../folder.js';
import { BIN, flowlog } from './bin.js';

const CONFIG = `
[networks]
sagemaker = "10.10.24.0/24"
"data center" = "10.20.0.0/16"
[profiles.prod]
`;

const isThere = (shell: string) => {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** A folder with a configuration and files, and flowlog in its PATH. */
async function desk() {
  const folder = await writeFiles(testFolder(), {
    'flowlog.toml': CONFIG,
    'logs-a/x.log': '',
    'logs b/x.log': '',
    'bin/flowlog': `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`,
  });
  execFileSync('chmod', ['+x', join(folder, 'bin/flowlog')]);
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(folder, `flowlog.${shell}`), (await flowlog(['completion', shell])).stdout);
  }
  const env = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    TERM: 'xterm',
  };
  return (shell: string, args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const child = execFile(
        shell,
        [...args],
        { cwd: folder, env, timeout: 120_000 },
        (error, stdout, stderr) => {
          if (error) reject(new Error(`${error.message}\n${stderr}`));
          else resolve(stdout);
        },
      );
      child.stdin!.end();
    });
}

describe('flowlog complete', () => {
  const complete = async (...words: string[]) => {
    const cwd = await writeFiles(testFolder(), { 'flowlog.toml': CONFIG });
    const { code, stdout, stderr } = await flowlog(['complete', '--', ...words], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t', 1)[0]!]));
  };

  it.each([
    [['eg'], ['egress']],
    [['--v'], ['--version']],
    [
      ['egress', '--tz', 'Asia/To'],
      ['Asia/Tokyo', 'Asia/Tomsk'],
    ],
    [['egress', '--tz=Asia/Toky'], ['--tz=Asia/Tokyo']],
    [['egress', '--tz', '=', 'UT'], ['UTC']],
    [
      ['egress', '-f', ''],
      ['table', 'csv', 'json', 'ndjson', 'html', 'svg', 'markdown', 'xlsx', 'parquet'],
    ],
    [['egress', '--engine', 'a'], ['athena']],
    [
      ['egress', '--encryption', 'SSE'],
      ['SSE_S3', 'SSE_KMS'],
    ],
    [
      ['create-table', '--if-exists', ''],
      ['skip', 'replace', 'fail'],
    ],
    [
      ['egress', '--subnet', ''],
      ['sagemaker', 'data center'],
    ],
    [['egress', '--vpc', '10.0.0.0/8,sa'], ['10.0.0.0/8,sagemaker']],
    [['egress', '--exclude', 'data\\ c'], ['data center']],
    [['egress', '--exclude', '"data c'], ['data center']],
    [['egress', '--no-config', '--subnet', ''], []],
    [['egress', '--use', ''], ['prod']],
    [['egress', '--action', 'a'], ['accept']],
    [['egress', '--protocol', 'u'], ['udp']],
    [['egress', '--since', 'y'], ['yesterday']],
    [['egress', '--by', 'dstaddr,dstp'], ['dstaddr,dstport']],
    [['egress', '--limit', ''], []],
    [['egress', '--logs', ''], [':files']],
    [
      ['trace', ''],
      ['sagemaker', 'data center'],
    ],
    [['trace', '10.10.24.1', 's'], ['sagemaker']],
    [['trace', '10.10.24.1', '--tz', 'UTC', 'd'], ['data center']],
    [['sample', ''], [':files']],
    [['sample', 'x', ''], []],
    [['sample', '--records', '5', ''], [':files']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'net'], ['networks']],
    [['help', 'egr'], ['egress']],
    [['nonsense', ''], []],
  ])('%j', async (words, expected) => expect(await complete(...words)).toEqual(expected));

  it('has every visible command, and every option of each', async () => {
    const help = (await flowlog(['--help'])).stdout;
    for (const name of await complete('')) {
      expect(help).toContain(`\n  ${name} `);
      const options = await complete(name, '-');
      expect(options).toContain('--help');
      const text = (await flowlog([name, '--help'])).stdout;
      const shown = [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, long]) => long);
      expect([...options].sort()).toEqual([...shown].sort());
    }
  });

  it('a configuration that is wrong takes nothing away but its names', async () => {
    const cwd = await writeFiles(testFolder(), { 'flowlog.toml': '[networks' });
    const { code, stdout, stderr } = await flowlog(['complete', '--', 'egress', '--subnet', ''], { cwd });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('for no shell that is not known', async () => {
    const { code, stdout, stderr } = await flowlog(['completion', 'tcsh']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bash, zsh, fish');
  });
});

describe.runIf(isThere('bash'))('bash', () => {
  /** What bash would put there, as it calls the function that completes. */
  const complete = async (...words: string[]) => {
    const run = await desk();
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const out = await run('bash', [
      '-c',
      `source flowlog.bash; COMP_WORDS=(flowlog ${quoted}); COMP_CWORD=${words.length}; _flowlog; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]);
    return out.trimEnd().split('\n');
  };

  it.each([
    [['egr'], ['egress']],
    [
      ['egress', '--tz', 'Asia/To'],
      ['Asia/Tokyo', 'Asia/Tomsk'],
    ],
    [['egress', '--tz', '='], expect.arrayContaining(['Asia/Tokyo'])],
    [['egress', '--tz', '=', 'Asia/Toky'], ['Asia/Tokyo']],
    [
      ['egress', '--subnet', ''],
      ['sagemaker', 'data\\ center'],
    ],
    [['egress', '--logs', 'logs'], expect.arrayContaining(['logs-a', 'logs b'])],
    [['egress', '--limit', ''], ['']],
  ])('%j', async (words, expected) => expect(await complete(...words)).toEqual(expected));
});

describe.runIf(isThere('fish'))('fish', () => {
  const complete = async (line: string) => {
    const run = await desk();
    return (await run('fish', ['-c', `source flowlog.fish; complete -C '${line}'`])).trimEnd().split('\n');
  };

  it.each([
    ['flowlog egr', ['egress\tWhat left a subnet for somewhere outside the VPC, when, and to where']],
    ['flowlog egress --tz Asia/To', ['Asia/Tokyo', 'Asia/Tomsk']],
    ['flowlog egress --tz=Asia/Toky', ['--tz=Asia/Tokyo']],
    ['flowlog egress --subnet ', expect.arrayContaining(['sagemaker', 'data center'])],
    ['flowlog egress --logs logs-', ['logs-a/']],
  ])('%s', async (line, expected) => expect(await complete(line)).toEqual(expected));
});

describe.runIf(isThere('zsh'))('zsh', () => {
  /** Types a line and Tab in a zsh of its own terminal, and gives back what stands there then. */
  const complete = async (line: string) => {
    const run = await desk();
    const script = `
      zmodload zsh/zpty
      zpty shell 'PS1="> " zsh -f -i'
      zpty -w shell 'bindkey -e; autoload -Uz compinit && compinit -u -D; source ./flowlog.zsh; unsetopt zle_bracketed_paste; print rea""dy'
      zpty -r shell out '*ready*'
      zpty -w -n shell $'${line}\\t'
      zpty -w -n shell $'\\x01print -r -- "\\x05" > line; mv line typed\\n'
      until [[ -e typed ]]; do sleep 0.1; done
      cat typed`;
    return (await run('zsh', ['-f', '-c', script])).trimEnd();
  };

  it.each([
    ['flowlog egr', 'flowlog egress'],
    ['flowlog egress --tz Asia/Toky', 'flowlog egress --tz Asia/Tokyo'],
    ['flowlog egress --subnet sage', 'flowlog egress --subnet sagemaker'],
    ['flowlog egress --logs logs-', 'flowlog egress --logs logs-a'],
  ])('%s', async (line, expected) => expect(await complete(line)).toBe(expected));
});
