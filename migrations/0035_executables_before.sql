-- Files that were noted before programs were told from other files: by the type that was read in their content, and by the
-- name they would be opened under (portal_mail's list of 0025). Reading a mail again says it anew, by all of its content.
UPDATE attachments SET executable = true
WHERE NOT executable
  AND (content_type = 'application/x-msdownload'
       OR lower(rtrim(name, '.  ')) ~ '\.(exe|scr|com|pif|bat|cmd|msi|msp|msix|appx|cpl|dll|sys|js|jse|mjs|vbs|vbe|vb|wsf|wsh|ws|hta|ps1|psm1|ps1xml|lnk|url|scf|inf|reg|jar|jnlp|apk|ipa|app|dmg|pkg|deb|rpm|run|sh|bash|command|elf|bin|gadget|chm|xll|docm|dotm|xlsm|xltm|xlam|pptm|potm|ppam|ppsm|iso|img|vhd|vhdx|one)$');
-- What is said anew: until now the application could only note where a file is kept.
GRANT UPDATE (content_type, executable) ON attachments TO immivo_app;
