/** The Brazilian Portuguese texts of accounts. */
import type { Messages } from './en.ts';

export const accountsPtBr: Messages['accounts'] = {
  roles: { reader: 'Leitor', editor: 'Editor', administrator: 'Administrador' },
  signIn: {
    title: 'Entrar',
    hint: 'Este cadastro é aberto a pessoas que têm uma conta.',
    name: 'Nome',
    password: 'Senha',
    submit: 'Entrar',
    ended: 'Sua sessão terminou. Entre de novo para continuar.',
    signedOut: 'Você saiu.',
    wrong: 'O nome ou a senha não confere.',
    paused: {
      one: 'Houve tentativas demais sem sucesso. Tente de novo em {count} segundo.',
      other: 'Houve tentativas demais sem sucesso. Tente de novo em {count} segundos.',
    },
    forgotten: 'Se você esqueceu sua senha, peça um novo link a um administrador.',
  },
  refused: {
    role: 'Você não pode fazer isto',
    roleHint: 'Isto exige o papel “{needed}”, e o seu é “{role}”. Um administrador pode mudar papéis.',
    ended: 'Sua sessão terminou',
    endedHint:
      'Nada foi salvo. Entre de novo em outra aba, volte a esta e recarregue: o navegador envia o formulário outra vez.',
    away: 'O servidor não consegue dizer quem você é',
  },
  account: {
    title: 'Sua conta',
    link: 'Sua conta: {name}, {role}',
    name: 'Nome',
    role: 'Papel',
    signOut: 'Sair',
    everywhere: 'Sair de todos os dispositivos',
    everywhereHint: 'Isto encerra suas sessões em todos os dispositivos, inclusive a deste.',
    passwordTitle: 'Mudar a senha',
    current: 'Senha atual',
    new: 'Senha nova',
    newHint: 'De 12 a 256 caracteres',
    repeated: 'Senha nova, mais uma vez',
    change: 'Mudar a senha',
    changed: 'Sua senha foi mudada. Suas sessões em outros dispositivos terminaram.',
    currentWrong: 'A senha atual não confere.',
    length: 'A senha precisa ter de 12 a 256 caracteres.',
    differs: 'As duas senhas novas não são iguais.',
    fix: 'Sua senha não foi mudada. Corrija os campos marcados.',
  },
};
