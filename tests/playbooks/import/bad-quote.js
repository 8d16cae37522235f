user_pref("mail.smtpservers", "smtp1);
