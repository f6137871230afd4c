/** Recognises the titles of columns in English, Portuguese, German, Spanish and French. */

/** The content of a column, as its title says. A `name` is a whole name, or a part of it beside a column with the other part. */
export type TitleMeaning = 'name' | 'givenName' | 'familyName' | 'email';

/** The titles of names that spreadsheets, Outlook, Google Contacts and lists of staff have. */
const nameTitles: Record<Exclude<TitleMeaning, 'email'>, string[]> = {
  name: [
    'Name, Names, Full name, Complete name, Display name, Person, Contact, Contact name, First and last name, Name and surname',
    'Employee, Employee name, Staff, Member, Member name, User, User name, Customer, Customer name, Student, Student name',
    'Nome, Nomes, Nome completo, Nome e sobrenome, Nome e apelido, Nome social, Pessoa, Contato, Nome do contato, Contacto',
    'Funcionário, Funcionária, Nome do funcionário, Colaborador, Nome do colaborador, Usuário, Nome do usuário, Utilizador',
    'Cliente, Nome do cliente, Aluno, Nome do aluno, Participante, Nome do participante, Servidor, Nome do servidor',
    'Vollständiger Name, Voller Name, Ganzer Name, Anzeigename, Vor- und Nachname, Vorname Nachname, Vorname und Nachname',
    'Vor- und Zuname, Nachname Vorname, Name Vorname, Name und Vorname, Mitarbeiter, Mitarbeiterin, Mitarbeiter/in',
    'Mitarbeitende, Mitarbeitername, Name des Mitarbeiters, Ansprechpartner, Kontakt, Kontaktname, Mitglied, Benutzer, Kunde',
    'Benutzername, Kundenname, Teilnehmer, Teilnehmerin, Teilnehmer/in, Schüler',
    'Nombre, Nombres, Nombre completo, Nombre y apellido, Nombre y apellidos, Apellido y nombre, Apellidos y nombre, Persona',
    'Apellidos y nombres, Nombre del empleado, Empleado, Empleada, Alumno, Usuario, Nombre de usuario, Trabajador',
    'Nom, Noms, Nom complet, Nom et prénom, Nom et prénoms, Nom prénom, Prénom nom, Prénom et nom, Personne, Employé, Employée',
    'Nom affiché, Nom de l’employé, Salarié, Collaborateur, Utilisateur, Client, Participant, Étudiant, Élève',
  ],
  givenName: [
    'First name, First names, First, Given name, Given names, Forename, Christian name, Middle name, Middle names',
    'Primeiro nome, Nome próprio, Prenome, Segundo nome, Nome do meio',
    'Vorname, Vornamen, Rufname, Weitere Vornamen, Zweiter Vorname, Zweitname',
    'Primer nombre, Segundo nombre, Nombre de pila',
    'Prénom, Prénoms, Deuxième prénom, Autres prénoms',
  ],
  familyName: [
    'Last name, Last names, Last, Family name, Surname, Second name',
    'Sobrenome, Sobrenomes, Último nome, Apelido, Apelidos, Nome de família',
    'Nachname, Nachnamen, Familienname, Zuname',
    'Apellido, Apellidos, Primer apellido, Segundo apellido, Apellido paterno, Apellido materno',
    'Nom de famille, Nom d’usage',
  ],
};

const meanings = new Map(
  Object.entries(nameTitles).flatMap(([meaning, lists]) =>
    lists.flatMap((list) => list.split(', ').map((title) => [fold(title), meaning as TitleMeaning] as const)),
  ),
);

/** A longer text is no title. */
const maxTitleCharacters = 80;

/** A title of addresses holds one of these words … */
const addressWords =
  /e?mail|correoe|correoelectronico|correioeletronico|courriel|messagerie|(adresse|direccion|endereco)ele(c)?troni(que|ca|co)/;
/** … and none of these, by which Outlook and Google mark the columns beside the address. */
const otherWords =
  /typ|tipo|label|etiqueta|rotulo|libelle|display|angezeigt|anzeige|exibicao|mostrar|affich|status|newsletter|domain/;

/**
 * @param title the text of a cell
 * @returns what the column below it holds, or undefined if the cell is no such title
 */
export function meaningOf(title: string): TitleMeaning | undefined {
  if (title.length > maxTitleCharacters || title.includes('@')) return undefined;
  const folded = fold(title);
  if (addressWords.test(folded)) return otherWords.test(folded) ? undefined : 'email';
  return meanings.get(folded);
}

/** @returns the letters and digits of a title, without case and accents */
function fold(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
