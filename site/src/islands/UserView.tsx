/** A user as readers see it who may not edit it. */
import type { ComponentProps } from 'preact';
import type { Messages } from '../i18n/index.ts';
import { CopyEmail } from './CopyEmail.tsx';
import { UserDetails } from './UserDetails.tsx';

interface Props extends ComponentProps<typeof UserDetails> {
  t: Messages['form'];
}

/** Shows the e-mail and the details. The page has the name as its heading. */
export default function UserView(props: Props) {
  return (
    <>
      <CopyEmail email={props.user.email} t={props.t} />
      <UserDetails {...props} />
    </>
  );
}
